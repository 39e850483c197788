"""What the fuzzer is told besides the document: who it is, and how lines of JSON are sent.

It signs in as the admin of the store under test, anew before the access token ends.
"""

import json
import os
import urllib.request

import schemathesis


@schemathesis.auth(refresh_interval=600)
class Admin:
    def get(self, case, context):
        body = json.dumps({"email": os.environ["FUZZ_EMAIL"], "password": os.environ["FUZZ_PASSWORD"]})
        request = urllib.request.Request(
            os.environ["FUZZ_URL"] + "/api/v1/auth/login",
            data=body.encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request) as reply:
            return json.load(reply)["access_token"]

    def set(self, case, data, context):
        case.headers = case.headers or {}
        case.headers["Authorization"] = f"Bearer {data}"


@schemathesis.serializer("application/x-ndjson")
def lines_of_json(context, value):
    return value if isinstance(value, bytes) else str(value).encode(errors="replace")
