-- Apart from the file that adds the column, so that rows are read without keeping anybody out.

ALTER TABLE contact_point VALIDATE CONSTRAINT contact_point_line_check;
