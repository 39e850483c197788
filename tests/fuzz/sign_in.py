"""Signs the fuzzer in as the admin of the store under test, anew before the access token ends."""

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
