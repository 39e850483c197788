"""Amazon's services for tests, by moto, which recomputes every signature as botocore makes it.

Says {"url", "key", "secret"} on standard output, and ends when standard input does. The key may do everything, any other
nothing. Mail is sent from `store@example.com` alone. Each line of standard input, {"service", "operation", "with"}, is a call
by Amazon's own library, whose answer is a line of standard output.
"""

import json
import sys
import urllib.request

import boto3
from moto.server import ThreadedMotoServer

server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
url = f"http://{host}:{port}"
anybody = {
    "endpoint_url": url,
    "region_name": "eu-central-1",
    "aws_access_key_id": "anybody",
    "aws_secret_access_key": "anybody",
}
boto3.client("sesv2", **anybody).create_email_identity(EmailIdentity="store@example.com")
iam = boto3.client("iam", **anybody)
iam.create_user(UserName="mist")
everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
policy = json.dumps({"Version": "2012-10-17", "Statement": [everything]})
iam.put_user_policy(UserName="mist", PolicyName="everything", PolicyDocument=policy)
key = iam.create_access_key(UserName="mist")["AccessKey"]
# From now on nobody is believed without a signature.
strict = urllib.request.Request(
    url + "/moto-api/reset-auth", data=b"0", method="POST", headers={"Content-Type": "text/plain"}
)
urllib.request.urlopen(strict).read()
trusted = anybody | {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
print(json.dumps({"url": url, "key": key["AccessKeyId"], "secret": key["SecretAccessKey"]}), flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    answer = getattr(boto3.client(asked["service"], **trusted), asked["operation"])(**asked["with"])
    print(json.dumps(answer, default=str), flush=True)
server.stop()
