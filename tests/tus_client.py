"""Uploads a file by tus-py-client, as a JSON object on standard input asks; prints the address of the upload."""

import json
import os
import sys

from tusclient.client import TusClient

asked = json.load(sys.stdin)
client = TusClient(asked["endpoint"], headers={"Authorization": "Bearer " + asked["token"]})
uploader = client.uploader(
    asked["file"],
    url=asked.get("upload"),
    chunk_size=asked["chunk"],
    metadata={"filename": asked["name"]},
    upload_checksum=asked.get("checksum", False),
    retries=5,
    retry_delay=1,
)
if asked.get("die_after"):
    uploader.upload(stop_at=asked["die_after"])
    print(uploader.url, flush=True)
    os.abort()
uploader.upload()
print(uploader.url)
