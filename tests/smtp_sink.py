"""An SMTP server for tests: writes each message it takes to FOLDER/<recipient>.eml, and a line to FOLDER/journal: recipient,
Message-ID, seconds since 1970 and subject, divided by tabs.

Says its port on standard output, and ends when standard input does. It needs aiosmtpd. Recipients called
`rejected@…` are refused for good and `busy@…` for now; it takes the user `mist` with the password `secret`. A number behind the
folder is how many seconds it waits between having a message and saying so.
"""

import asyncio
import email
import email.policy
import os
import sys
import time

from aiosmtpd.smtp import SMTP, AuthResult


class Sink:
    def __init__(self, folder, pause):
        self.folder = folder
        self.pause = pause

    async def handle_RCPT(self, server, session, envelope, address, options):
        name = address.partition("@")[0]
        if name == "rejected":
            return f"550 5.1.1 <{address}> is nobody here"
        if name == "busy":
            return f"451 4.3.2 <{address}> is busy"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        for address in envelope.rcpt_tos:
            path = os.path.join(self.folder, os.path.basename(address) + ".eml")
            with open(path + ".part", "wb") as file:
                file.write(envelope.content)
            os.rename(path + ".part", path)
            message = email.message_from_bytes(envelope.content, policy=email.policy.default)
            with open(os.path.join(self.folder, "journal"), "a") as journal:
                line = [address, message["Message-ID"], f"{time.time():.3f}", message["Subject"]]
                journal.write("\t".join(line) + "\n")
        await asyncio.sleep(self.pause)
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    known = (getattr(data, "login", None), getattr(data, "password", None)) == (b"mist", b"secret")
    return AuthResult(success=known, handled=False)


async def main(folder, pause="0"):
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(Sink(folder, float(pause)), hostname="sink", authenticator=authenticate, auth_require_tls=False),
        "127.0.0.1",
        0,
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    os._exit(0)


asyncio.run(main(*sys.argv[1:]))
