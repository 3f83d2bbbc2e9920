"""A submission server on loopback: receive_mail.py starttls|tls CERTIFICATE KEY USER PASSWORD

Takes mail only after TLS and a login, reads it with Python's parser of mail,
and prints each as a line of JSON.
"""

import asyncio
import json
import ssl
import sys
from email import message_from_bytes, policy

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from parent import end_with_parent

security, certificate, key, user, password = sys.argv[1:]


class Handler:
    async def handle_DATA(self, server, session, envelope):
        mail = message_from_bytes(envelope.original_content, policy=policy.default)
        parts = [part for part in mail.walk() if not part.is_multipart()]
        print(json.dumps({
            "tls": session.ssl is not None or security == "tls",
            "loggedIn": session.authenticated,
            "sender": envelope.mail_from,
            "recipients": envelope.rcpt_tos,
            "headers": {name.lower(): str(value) for name, value in mail.items()},
            "to": [address.addr_spec for address in mail["to"].addresses],
            "date": mail["date"].datetime.timestamp(),
            "kind": mail.get_content_type(),
            "parts": [[part.get_content_type(), part.get_content()] for part in parts],
            "plain": mail.get_body(("plain",)).get_content(),
            "html": mail.get_body(("html",)).get_content(),
            "defects": [repr(defect) for part in mail.walk() for defect in part.defects],
            "longestLine": max(map(len, envelope.original_content.split(b"\r\n"))),
            "bareLineEnds": envelope.original_content.replace(b"\r\n", b"").count(b"\n"),
        }), flush=True)
        return "250 queued as 1"


def log_in(server, session, envelope, mechanism, login):
    right = isinstance(login, LoginPassword) and (login.login, login.password) == (user.encode(), password.encode())
    return AuthResult(success=right)


context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain(certificate, key)
settings = {"authenticator": log_in, "auth_required": True, "decode_data": False}
if security == "starttls":
    settings |= {"tls_context": context, "require_starttls": True}
else:
    settings |= {"auth_require_tls": False}


async def serve():
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(Handler(), hostname="localhost", **settings),
        "127.0.0.1",
        0,
        ssl=context if security == "tls" else None,
    )
    print("ready", server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


end_with_parent()
asyncio.run(serve())
