"""The HTTP API under ``/api/v1``: permits and their outcomes, holds, and the law; described by its OpenAPI.

Every request but that for health brings a token, every answer its request's id, every trouble is a problem document
(RFC 9457). ``application.build`` puts it together from what ``app`` hands in.
"""
