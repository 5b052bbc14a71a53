-- Apart from the file that changes the check, so that rows are read without keeping anybody out.

ALTER TABLE sender_record VALIDATE CONSTRAINT sender_record_kind_check;
