"""Makes a store in which something lies in every table, and backs it up: `tests/upgrades/NAME`, from which
tests/api/upgrade.rs comes up to the newest version.

    python3 tests/upgrade_store.py target/release/mist tests/upgrades/NAME

The program is that of the version whose store it is to be, on SQLite; NAME is its last migration. What a store has only where
it is set up otherwise (S3, other payment and sign-in providers) is written into the tables as it would be there.
"""
import base64, datetime, hashlib, hmac, json, os, re, shutil, socket, sqlite3, struct, subprocess, sys, tempfile, time
import urllib.error, urllib.request, uuid, zlib
from pathlib import Path

PASSWORD = "a quiet violet engine"
ADMIN = "/api/v1/admin"
SETTINGS = {
    "MIST_METRICS__LISTEN": "off",
    "MIST_DELIVERY__SCANNER": "true",
    "MIST_WEBHOOKS__ALLOW_PRIVATE": "true",
    "MIST_HTTP__TRUSTED_PROXIES": "127.0.0.0/8",
}
# For what a scanner, a reader or a job does in a moment, and an invoice in ten seconds.
MOMENT, INVOICED = 2, 14

program, target = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
folder = Path(tempfile.mkdtemp())
data = folder / "data"
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]


def run(*arguments, **more):
    subprocess.run([program, "--data-dir", data, *arguments], check=True, env={**os.environ, **SETTINGS}, **more)


def call(method, path, body=None, token=None, headers=(), raw=None, refused=False):
    sent = raw if raw is not None else None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data=sent, method=method)
    if body is not None:
        request.add_header("content-type", "application/json")
    if token:
        request.add_header("authorization", f"Bearer {token}")
    for name, value in dict(headers).items():
        request.add_header(name, value)
    try:
        with urllib.request.urlopen(request) as answer:
            text = answer.read()
    except urllib.error.HTTPError as error:
        if not refused:
            sys.exit(f"{method} {path}: {error.code} {error.read()!r}")
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


def login(email):
    return call("POST", "/api/v1/auth/login", {"email": email, "password": PASSWORD})["access_token"]


def register(name):
    body = {"email": f"{name}@example.com", "password": PASSWORD, "display_name": name}
    return call("POST", "/api/v1/auth/register", body)["access_token"]


def product(admin, title, release="2999-01-01", **more):
    prices = [{"currency": "USD", "amount": 1500}]
    body = {"kind": "game", "title": title, "release_date": release, "prices": prices, **more}
    return call("POST", f"{ADMIN}/products", body, admin)["id"]


def build(admin, path, version, content=None):
    made = call("POST", f"{path}/builds", {"version": version, "platform": "linux"}, admin)["id"]
    if content:
        call("PUT", f"{ADMIN}/builds/{made}/files/game.bin", token=admin, raw=content)
        time.sleep(MOMENT)
        call("POST", f"{ADMIN}/builds/{made}/release", token=admin)
    return made


def buy(token, products, headers=(), **more):
    items = [{"product_id": id} for id in products]
    body = {"items": items, "accept_immediate_delivery": True, **more}
    order = call("POST", "/api/v1/checkout", body, token, headers)
    call("POST", f"/api/v1/payments/mock/{order['payment']['id']}", {"outcome": "succeed"}, token)
    return order["id"]


def picture():
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    rows = (b"\0" + bytes([30, 60, 200]) * 64) * 36
    head = struct.pack(">IIBBBBB", 64, 36, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def one_time_code(secret):
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    at = digest[-1] & 15
    return "%06d" % ((struct.unpack(">I", digest[at : at + 4])[0] & 0x7FFFFFFF) % 1_000_000)


def mailed_token(address):
    for _ in range(60):
        for mail in (data / "mail").glob("*"):
            text = mail.read_text().replace("=\r\n", "").replace("=\n", "").replace("=3D", "=")
            found = re.search(r"token=([\w.-]+)", text)
            if address in text and "verify" in text and found:
                return found[1]
        time.sleep(0.5)
    sys.exit(f"{address} got no mail")


def use(admin):
    """Whatever a store can be used for over its API."""
    ada, bob, eve = register("ada"), register("bob"), register("eve")
    hook = {"url": "http://127.0.0.1:9000/hook", "events": ["order.paid", "build.released"]}
    call("POST", f"{ADMIN}/webhooks", hook, admin)
    for kind in ("tags", "categories"):
        call("POST", f"{ADMIN}/{kind}", {"slug": "light", "name": "Light"}, admin)
        call("PUT", f"{ADMIN}/{kind}/light/translations/de", {"name": "Licht"}, admin)
    base, back, withdrawn, wanted = (product(admin, title) for title in ("Base", "Back", "Withdrawn", "Wanted"))
    labels = {"tags": ["light"], "categories": ["light"], "platforms": ["linux"], "languages": ["en", "de"]}
    lantern = product(admin, "Lantern", "2020-01-01", **labels)
    path = f"{ADMIN}/products/{lantern}"
    call("PUT", f"{path}/translations/de", {"title": "Laterne"}, admin)
    call("PUT", f"{path}/relations", {"edition_of": base}, admin)
    build(admin, path, "1", b"bytes")
    for id in (lantern, base, back, withdrawn, wanted):
        call("POST", f"{ADMIN}/products/{id}/publish", token=admin)
    call("PATCH", path, {"slug": "lantern-renamed"}, admin, {"if-match": "*"})
    call("PUT", f"{path}/prices", [{"currency": "USD", "amount": 1200}], admin)
    hours = lambda n: (datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=n)).isoformat()
    call("POST", f"{path}/sales", {"percent": 10, "starts_at": hours(1), "ends_at": hours(48)}, admin)
    form = b'--bb\r\nContent-Disposition: form-data; name="kind"\r\n\r\nscreenshot\r\n--bb\r\n'
    form += b'Content-Disposition: form-data; name="file"; filename="s.png"\r\nContent-Type: image/png\r\n\r\n'
    form += picture() + b"\r\n--bb--\r\n"
    call("POST", f"{path}/media", token=admin, raw=form, headers={"content-type": "multipart/form-data; boundary=bb"})
    call("POST", f"{path}/license-keys", {"keys": [f"KEY-{number}" for number in range(6)]}, admin)
    call("PUT", f"{path}/license-policy", {"max_activations": 2}, admin)

    buy(ada, [lantern], {"idempotency-key": "once"})
    key = call("GET", f"/api/v1/library/{lantern}", token=ada)["license_keys"][0]
    call("POST", "/api/v1/licenses/activate", {"license_key": key, "fingerprint": "a machine"})
    call("POST", f"{ADMIN}/coupons", {"code": "TOGETHER", "percent": 10}, admin)
    buy(bob, [lantern, base], coupon="TOGETHER")
    call("POST", f"/api/v1/orders/{buy(eve, [back])}/refund", {"reason": "no fun"}, eve)
    order = buy(eve, [withdrawn])
    call("POST", f"/api/v1/orders/{order}/withdrawal", {}, eve)
    call("POST", f"/api/v1/orders/{order}/withdrawal/confirm", token=eve)
    call("PUT", f"/api/v1/cart/items/{wanted}", {}, ada)
    call("PUT", "/api/v1/cart/coupon", {"code": "TOGETHER"}, ada)
    call("PUT", f"/api/v1/wishlist/{wanted}", {}, ada)
    account = call("GET", "/api/v1/me", token=ada)["id"]
    call("POST", f"{ADMIN}/accounts/{account}/grants", {"product_id": back, "reason": "won"}, admin)
    credit = {"amount": {"amount": 100, "currency": "USD"}, "reason": "waited"}
    call("POST", f"{ADMIN}/accounts/{account}/credit", credit, admin)
    call("POST", "/api/v1/me/api-keys", {"name": "build server", "scopes": ["orders:read"]}, ada)
    call("PUT", "/api/v1/me/notification-preferences", {"order_paid": {"email": True}}, ada)
    call("POST", "/api/v1/notifications/stream-ticket", token=ada)
    call("POST", "/api/v1/me/passkeys/register/start", token=ada)
    call("POST", f"/api/v1/library/{lantern}/downloads", {}, ada)
    call("PUT", f"/api/v1/products/{lantern}/reviews/mine", {"rating": 5}, ada)
    review = call("PUT", f"/api/v1/products/{lantern}/reviews/mine", {"rating": 1}, bob)["id"]
    call("PUT", f"/api/v1/reviews/{review}/vote", {"helpful": False}, ada)
    call("POST", f"/api/v1/reviews/{review}/report", {"reason": "spite"}, ada)
    call("POST", "/api/v1/auth/login", {"email": "ada@example.com", "password": "not hers"}, refused=True)
    name = base64.b64encode(b"late.bin").decode()
    upload = {"tus-resumable": "1.0.0", "upload-length": "20", "upload-metadata": f"filename {name}"}
    call("POST", f"{ADMIN}/builds/{build(admin, path, '2')}/uploads", token=admin, headers=upload)
    build(admin, path, "1.1", b"more bytes")
    secret = call("POST", "/api/v1/me/totp", token=bob)["secret"]
    call("POST", "/api/v1/me/totp/confirm", {"code": one_time_code(secret)}, bob)
    call("POST", "/api/v1/auth/email/verify", {"token": mailed_token("ada@example.com")})
    buy(ada, [base], gift={"email": "friend@example.com"})
    time.sleep(INVOICED)


def by_hand(tables):
    """What is written only where a store is set up otherwise, or lies there for a moment."""
    one = lambda sql: tables.execute(sql).fetchone()
    account, now = one("SELECT id, created_at FROM account WHERE email LIKE 'ada%'")
    (event,) = one("SELECT id FROM event ORDER BY id DESC")
    (draft,) = one("SELECT id FROM build")
    (order,) = one("SELECT id FROM orders")
    key, size, sha256 = one("SELECT key, size, sha256 FROM object")
    (owned,) = one("SELECT product_id FROM entitlement")
    (related,) = one("SELECT id FROM product")
    new = lambda: uuid.uuid4().bytes
    rows = {
        "identity": {"id": new(), "account_id": account, "issuer": "https://a.example", "subject": "s", "created_at": now},
        "oidc_sign_in": {"state_hash": b"\1" * 32, "provider": "accounts", "expires_at": now},
        "sign_in_code": {"code_hash": b"\2" * 32, "account_id": account, "expires_at": now},
        "event_origin": {"event_id": event, "account_id": account, "actor_id": account, "ip": "203.0.113.9"},
        "passkey": {
            "id": new(), "account_id": account, "credential_id": b"\3" * 16, "credential": "{}", "name": "a key",
            "created_at": now,
        },
        "product_affinity": {"product_id": owned, "related_id": related, "orders": 1},
        "order_place": {"order_id": order, "source": "order", "country": "US"},
        "provider_event": {
            "id": new(), "provider": "stripe", "event_id": "evt_1", "kind": "charge.updated", "received_at": now,
            "applied_at": now, "outcome": "ignored",
        },
        "mail_unsubscribe": {
            "id": new(), "account_id": account, "kind": "wish_price", "token_hash": b"\4" * 32, "created_at": now,
        },
        "suppressed_address": {"address_hash": b"\5" * 32, "reason": "bounce", "at": now},
        "direct_upload": {
            "id": new(), "build_id": draft, "file_name": "direct.bin", "size": 5, "object_key": "ab" * 32,
            "multipart_id": "an-upload", "part_bytes": 8388608, "status": "open", "created_at": now, "expires_at": now,
        },
        "logged_request": {"request_id": "a-request", "at": now},
        "stamped_file": {
            "id": new(), "account_id": account, "product_id": owned, "source_sha256": sha256, "object_key": key,
            "size": size, "sha256": sha256, "used_at": now,
        },
    }
    for table, row in rows.items():
        if one(f"SELECT count(*) FROM {table}") == (0,):
            places = ", ".join("?" * len(row))
            tables.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})", list(row.values()))
    tables.commit()


def described(tables):
    """Columns, indexes and foreign keys, as tests/api/upgrade/schema.rs describes them."""
    source = (Path(__file__).parent / "api/upgrade/schema.rs").read_text()
    statements = re.findall(r'const (?:COLUMNS|INDEXES|KEYS): &str = "(.*?)";', source, re.DOTALL)
    plain = [re.sub(r"\\\n\s*", "", statement).replace('\\"', '"') for statement in statements]
    return "".join(sorted(f"{line}\n" for sql in plain for (line,) in tables.execute(sql)))


serving = [program, "--data-dir", data, "serve", "--demo", "--listen", f"127.0.0.1:{port}"]
store = subprocess.Popen(serving, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env={**os.environ, **SETTINGS})
try:
    while "is ready" not in store.stdout.readline():
        pass
    run("account", "create", "--email", "admin@example.com", "--role", "admin", "--password-stdin", input=PASSWORD.encode())
    use(login("admin@example.com"))
finally:
    store.terminate()
    store.wait()
with sqlite3.connect(data / "mist.db") as tables:
    tables.execute("PRAGMA foreign_keys = ON")
    by_hand(tables)
    names = [name for (name,) in tables.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    empty = [name for name in names if tables.execute(f'SELECT count(*) FROM "{name}"').fetchone() == (0,)]
    if empty:
        sys.exit(f"nothing lies in {', '.join(empty)}")
    schema = described(tables)
run("backup", target)
(target / "schema.txt").write_text(schema)
for needless in ("drafts", "tmp"):
    (target / needless).rmdir()
shutil.rmtree(folder)
