"""Evidence as plain algorithms over bytes: records, the leaves they become, and the tree over the leaves.

Formats, byte by byte:

- A *record* is a JSON object in RFC 8785 canonical form, UTF-8, integers only (`record`). It is hashed as stored and
  never built again from an object.
- A *leaf hash* is SHA-256 over the byte 0x00 and the record; an inner node is SHA-256 over 0x01 and both children
  (RFC 6962, `tree`).
- A *commitment* is SHA-256 over ``duecourse commitment 1``, a zero byte, a salt of 32 bytes, and the canonical
  JSON of ``[field, value]``. The salt comes from the person's secret; whoever is given salt and value can check it,
  others learn nothing.

What does not belong here: databases, clocks, keys of people, or the trade. Only the standard library, `rfc8785` and
(for signatures) `cryptography` are imported.
"""
