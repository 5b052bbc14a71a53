"""The words of the API's closed lists.

Written from the API's description by `duecourse docs client`; do not edit.
"""

from __future__ import annotations

from typing import Literal

Channel = Literal[
    "call", "robot_call", "sms", "email", "push", "im", "mms_image", "letter", "lawyer_letter", "visit", "portal"
]
DocumentKind = Literal["identity", "income", "receipt", "agreement", "medical", "court", "correspondence", "other"]
EntryState = Literal["open", "done", "skipped"]
Format = Literal["csv", "parquet"]
Handover = Literal["taken", "handed_back", "reassigned", "absence"]
HoldKind = Literal[
    "dispute",
    "cease",
    "bereavement",
    "deceased",
    "breathing_space",
    "insolvency",
    "hardship",
    "identity_theft",
    "incapable",
    "court_stay",
    "represented",
    "complaint",
    "vulnerable",
    "other",
    "storage_only",
    "third_party_refusal",
    "wrong_number",
]
MatterKind = Literal["dispute", "complaint", "credit_correction", "hardship", "acceleration"]
Meaning = Literal[
    "crisis",
    "stop",
    "wrong_person",
    "dispute",
    "complaint",
    "paid",
    "promise",
    "hardship",
    "abuse",
    "wants_person",
    "none",
]
OptionKind = Literal["instalments", "deferral", "step_up", "reschedule", "interest_stop", "extension", "re_age"]
Outcome = Literal[
    "connected",
    "promised",
    "hung_up",
    "other_person",
    "voicemail",
    "unanswered",
    "power_off",
    "busy",
    "not_in_service",
    "wrong_number",
    "refused",
    "delivered",
    "sent",
    "failed",
    "not_sent",
]
Phase = Literal["in_use", "period_runs", "unknown", "held", "over"]
Purpose = Literal["service", "remind", "collect", "relay", "locate", "offer", "notify", "answer", "follow_up"]
Relation = Literal[
    "borrower",
    "co_borrower",
    "guarantor",
    "spouse_liable",
    "spouse",
    "heir",
    "representative",
    "lawyer",
    "contact_person",
    "employer",
    "other",
]
RevealPurpose = Literal[
    "contact", "identify", "document", "claim", "dispute", "subject_request", "correction", "supervision"
]
Scope = Literal["today", "all", "lost", "nobody"]
SenderType = Literal["lender", "agency", "law_firm"]
SkipReason = Literal[
    "no_contact_point",
    "wait_for_callback",
    "wait_for_payment",
    "wait_for_document",
    "needs_supervisor",
    "language",
    "later_today",
    "other",
]
WhyAnew = Literal["income_late", "pays_part", "pays_more", "other_cost", "bank", "said_anew"]
