"""Judges tokens and codes by libraries of others: PyJWT and PyOTP.

Reads a JSON object from standard input and writes one to standard output.
"""

import json
import sys

import jwt
import pyotp


def token(asked):
    """The claims of a token, by the published keys alone; or why it is refused."""
    keys = jwt.PyJWKSet.from_dict(asked["jwks"])
    header = jwt.get_unverified_header(asked["token"])
    key = keys[header["kid"]]
    # The tests move the store's clock; its own judgement of time is tested elsewhere.
    options = {"verify_exp": False, "verify_iat": False}
    return jwt.decode(
        asked["token"], key, algorithms=["EdDSA"], audience="mist", issuer=asked["issuer"], options=options
    )


def code(asked):
    """The code that an authenticator app shows for an address at a time."""
    return pyotp.parse_uri(asked["otpauth_uri"]).at(asked["at"])


asked = json.load(sys.stdin)
try:
    answer = {"answer": {"token": token, "code": code}[asked["judge"]](asked)}
except (jwt.PyJWTError, KeyError) as error:
    answer = {"refused": type(error).__name__}
json.dump(answer, sys.stdout)
