// Signs as Amazon's own signer does. Made with @aws-sdk/cloudfront-signer 3.1166.0; to make the vectors again:
//   npm install --no-save --ignore-scripts --prefix /tmp/signer @aws-sdk/cloudfront-signer@3.1166.0
//   NODE_PATH=/tmp/signer/node_modules node vectors.mjs > vectors.json
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const { getSignedUrl } = createRequire(import.meta.url)("@aws-sdk/cloudfront-signer");
const key = "ab".repeat(32);
const privateKey = readFileSync(new URL("rsa-pkcs8.pem", import.meta.url), "utf8");

function sign(disposition, mediaType, expires, address) {
  const query = [
    ["response-content-disposition", disposition],
    ["response-content-type", mediaType],
  ].map(([name, value]) => `${name}=${encodeURIComponent(value).replace(/[!'()*]/g, (c) => "%" + c.charCodeAt(0).toString(16).toUpperCase())}`);
  const url = `https://d111111abcdef8.cloudfront.net/objects/ab/ab/${key}?${query.join("&")}`;
  const dateLessThan = new Date(expires * 1000).toISOString();
  const input = { url, dateLessThan, privateKey, keyPairId: "K2JCJMDEHXQW5F", algorithm: "SHA256" };
  if (address) input.ipAddress = `${address}/32`;
  return { disposition, media_type: mediaType, expires, address, url: getSignedUrl(input) };
}

const plain = 'attachment; filename="moby dick.epub"';
const wide = "attachment; filename=\"_ber_'*.bin\"; filename*=UTF-8''%C3%BCber%F0%9F%8E%AE%27%2A.bin";
const vectors = [];
for (const address of [undefined, "203.0.113.7"]) {
  vectors.push(sign(plain, "application/epub+zip", 1795000000, address));
  vectors.push(sign(wide, "application/octet-stream", 1795003600, address));
}
console.log(JSON.stringify(vectors, null, 2));
