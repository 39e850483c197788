"""Judges by libraries of others: tokens and codes by PyJWT and PyOTP, feeds by feedparser, lxml and jsonschema, what is
said to Stripe and by it by Stripe's own library, messages of webhooks by standardwebhooks, tables by Python's own csv,
PDFs by pypdf, messages of Amazon SNS and licence keys by cryptography.

Reads a JSON object from standard input and writes one to standard output.
"""

import csv
import datetime
import io
import json
import pathlib
import sys

import feedparser
import jsonschema
import jwt
import pyotp
import standardwebhooks.webhooks
from lxml import etree


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


def root(document):
    """The root of an XML document, which must be well-formed."""
    return etree.fromstring(document.encode(), etree.XMLParser(resolve_entities=False, no_network=True))


def atom(asked):
    """What a feed reader sees of an Atom feed."""
    tag = "{http://www.w3.org/2005/Atom}"
    for element in [root(asked["document"]), *root(asked["document"]).iter(tag + "entry")]:
        for once in ["id", "title", "updated"]:
            assert len(element.findall(tag + once)) == 1, f"RFC 4287 asks for one {once}"
        assert element.tag == tag + "feed" or element.find(tag + "link[@rel='alternate']") is not None
    feed = feedparser.parse(asked["document"].encode(), sanitize_html=False)
    assert not feed.bozo, feed.bozo_exception
    seen = ["id", "title", "updated", "published", "summary", "g_price", "g_sale_price"]
    seen.append("g_sale_price_effective_date")
    return {
        "version": feed.version,
        "id": feed.feed.id,
        "title": feed.feed.title,
        "updated": feed.feed.updated,
        "links": {link.rel: link.href for link in feed.feed.links},
        "entries": [
            {name: entry.get(name) for name in seen}
            | {link.rel + "_link": link.href for link in entry.links}
            for entry in feed.entries
        ],
    }


def sitemap(asked):
    """What a sitemap is, and its addresses."""
    tag = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    document = root(asked["document"])
    kind = {tag + "urlset": "url", tag + "sitemapindex": "sitemap"}[document.tag]
    assert len(document) > 0, "the protocol asks for one address at least"
    for element in document:
        assert element.tag == tag + kind and element[0].tag == tag + "loc"
        assert [child.tag for child in element[1:]] in ([], [tag + "lastmod"])
    return {"holds": kind, "addresses": [element[0].text for element in document]}


def opds(asked):
    """Whether a document of OPDS is as its specification says: `tests/opds.schema.json`."""
    schema = json.loads(pathlib.Path(__file__).with_name("opds.schema.json").read_text())
    validator = jsonschema.Draft202012Validator({**schema, "$ref": "#/$defs/" + asked["kind"]})
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(asked["document"])]


def stripe_signature(asked):
    """The header under which Stripe's library takes a body, and whether it takes one of the tests'."""
    import stripe

    signature = stripe.WebhookSignature._compute_signature(f"{asked['at']}.{asked['body']}", asked["secret"])
    # The tests move the store's clock; its own judgement of time is tested elsewhere.
    stripe.WebhookSignature.verify_header(asked["body"], asked["header"], asked["secret"], 10**10)
    return f"t={asked['at']},v1={signature}"


def stripe_request(asked):
    """What is wrong with the parameters of calls, by the types that Stripe publishes with its library."""
    import importlib
    import typing

    from pydantic import ConfigDict, TypeAdapter, ValidationError

    class Untyped:
        def __class_getitem__(cls, item):
            return typing.Dict[str, item]

    faults = []
    for call in asked["calls"]:
        module = importlib.import_module("stripe.params." + call["module"])
        names = {**vars(typing), **vars(module), "StripeContext": str, "UntypedStripeObject": Untyped}
        for one in vars(module).values():
            if isinstance(one, type) and hasattr(one, "__required_keys__"):
                one.__pydantic_config__ = ConfigDict(extra="forbid")
        types = TypeAdapter(getattr(module, call["type"]))
        types.rebuild(_types_namespace=names)
        try:
            types.validate_python(call["parameters"])
        except ValidationError as error:
            faults += [f"{call['type']} {'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
    return faults


def webhook(asked):
    """What a message of a webhook says, by its endpoint's secret."""

    class Then(datetime.datetime):
        """The tests move the store's clock: the message is read at their time."""

        @classmethod
        def now(cls, tz=None):
            return cls.fromtimestamp(asked["at"], tz)

    standardwebhooks.webhooks.datetime = Then
    return standardwebhooks.webhooks.Webhook(asked["secret"]).verify(asked["body"], asked["headers"])


def table(asked):
    """The rows of a CSV document with a head, as the standard library reads them."""
    document = io.StringIO(asked["document"], newline="")
    return list(csv.DictReader(document, strict=True))


def printed(asked):
    """What a PDF says and which fonts it holds, as pypdf reads it."""
    import base64

    import pypdf

    document = pypdf.PdfReader(io.BytesIO(base64.b64decode(asked["document"])), strict=True)
    fonts = [font.get_object() for page in document.pages for font in page["/Resources"]["/Font"].values()]
    kept = [font["/DescendantFonts"][0].get_object()["/FontDescriptor"] for font in fonts]
    return {
        "pages": [page.extract_text() for page in document.pages],
        "fonts": sorted({font["/FontName"].split("+")[-1] for font in kept}),
        "embedded": all("/FontFile2" in font or "/FontFile3" in font for font in kept),
        "title": document.metadata.title,
        "language": document.trailer["/Root"].get("/Lang"),
    }


def epub_made(asked):
    """An EPUB of one chapter, in Base64."""
    import base64
    import zipfile

    container = (
        '<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
        '<rootfiles><rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
    )
    package = (
        '<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id">'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="id">urn:x</dc:identifier>'
        "<dc:title>Novel</dc:title><dc:language>en</dc:language></metadata>"
        '<manifest><item id="one" href="one.xhtml" media-type="application/xhtml+xml"/></manifest>'
        '<spine><itemref idref="one"/></spine></package>'
    )
    chapter = '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>One</title></head><body><p>Once.</p></body></html>'
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        archive.writestr("META-INF/container.xml", container)
        archive.writestr("OEBPS/book.opf", package)
        archive.writestr("OEBPS/one.xhtml", chapter)
    return base64.b64encode(made.getvalue()).decode()


def epub_read(asked):
    """What an e-reader finds in an EPUB: its pages in order, and what it says of itself."""
    import base64
    import posixpath
    import zipfile

    archive = zipfile.ZipFile(io.BytesIO(base64.b64decode(asked["document"])))
    assert archive.testzip() is None
    first = archive.infolist()[0]
    container = etree.fromstring(archive.read("META-INF/container.xml"))
    place = container.find(".//{*}rootfile").get("full-path")
    package = etree.fromstring(archive.read(place))
    hrefs = {item.get("id"): item.get("href") for item in package.iter("{*}item")}
    order = [hrefs[reference.get("idref")] for reference in package.iter("{*}itemref")]
    pages = [etree.fromstring(archive.read(posixpath.join(posixpath.dirname(place), href))) for href in order]
    return {
        "first": first.filename,
        "stored": first.compress_type == zipfile.ZIP_STORED and archive.read(first) == b"application/epub+zip",
        "pages": ["".join(page.find("{*}body").itertext()).strip() for page in pages],
        "rights": [rights.text for rights in package.iter("{http://purl.org/dc/elements/1.1/}rights")],
    }


def pdf_made(asked):
    """A PDF of two pages without a word, in Base64."""
    import base64

    import pypdf

    writer, made = pypdf.PdfWriter(), io.BytesIO()
    for _ in range(2):
        writer.add_blank_page(width=300, height=400)
    writer.write(made)
    return base64.b64encode(made.getvalue()).decode()


def pdf_read(asked):
    """What the pages of a PDF say, and whose it says it is."""
    import base64

    import pypdf

    document = pypdf.PdfReader(io.BytesIO(base64.b64decode(asked["document"])), strict=True)
    return {
        "pages": [page.extract_text().strip() for page in document.pages],
        "owner": document.metadata.get("/Owner"),
    }


def sns_certificate(asked):
    """A key of RSA and a certificate of it that is good in a year, both in PEM."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sns.amazonaws.com")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.datetime(asked["year"], 1, 1))
        .not_valid_after(datetime.datetime(asked["year"] + 1, 1, 1))
        .sign(key, hashes.SHA256())
    )
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    private = key.private_bytes(encoding, form, serialization.NoEncryption())
    return {"key": private.decode(), "certificate": certificate.public_bytes(encoding).decode()}


def sns_signature(asked):
    """The signature of a message as Amazon's documentation says how it is made."""
    import base64

    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding

    message = asked["message"]
    names = ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
    if message["Type"] != "Notification":
        names = ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
    text = "".join(f"{name}\n{message[name]}\n" for name in names if name in message)
    digest = {"1": hashes.SHA1(), "2": hashes.SHA256()}[message["SignatureVersion"]]
    key = serialization.load_pem_private_key(asked["key"].encode(), None)
    return base64.b64encode(key.sign(text.encode(), padding.PKCS1v15(), digest)).decode()


def license_key(asked):
    """What a licence key says, verified as docs/licenses.md tells apps to; null where it is not the store's."""
    import base64
    import uuid

    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    letters = asked["key"].upper().replace("-", "").translate(str.maketrans("OIL", "011"))
    number = 0
    for letter in letters:
        number = number << 5 | "0123456789ABCDEFGHJKMNPQRSTVWXYZ".index(letter)
    data = (number >> len(letters) * 5 % 8).to_bytes(len(letters) * 5 // 8, "big")
    public = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(asked["jwk"]["x"] + "="))
    try:
        public.verify(data[27:], data[:27])
    except InvalidSignature:
        return None
    day = datetime.date(1970, 1, 1) + datetime.timedelta(days=int.from_bytes(data[25:27], "big"))
    return {"version": data[0], "product": str(uuid.UUID(bytes=data[1:17])), "day": day.isoformat()}


asked = json.load(sys.stdin)
judges = {"token": token, "code": code, "atom": atom, "sitemap": sitemap, "opds": opds}
judges |= {"stripe_signature": stripe_signature, "stripe_request": stripe_request, "webhook": webhook}
judges |= {"table": table, "printed": printed}
judges |= {"epub_made": epub_made, "epub_read": epub_read, "pdf_made": pdf_made, "pdf_read": pdf_read}
judges |= {"license_key": license_key}
judges |= {"sns_certificate": sns_certificate, "sns_signature": sns_signature}
try:
    answer = {"answer": judges[asked["judge"]](asked)}
except (jwt.PyJWTError, standardwebhooks.webhooks.WebhookVerificationError, KeyError) as error:
    answer = {"refused": type(error).__name__}
json.dump(answer, sys.stdout)
