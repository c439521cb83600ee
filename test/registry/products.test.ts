import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { cpe22, cpe23 } from "../../lib/registry/cpe.ts";
import { indexProducts } from "../../lib/registry/product-index.ts";
import { productFiles } from "../../lib/registry/products/index.ts";
import { identify, productByKey } from "../../lib/registry/products.ts";

const index = indexProducts({
  "a.yaml": {
    nginx: { product: "nginx", vendor: "F5", cpe: "a:f5:nginx", service: "http" },
    "apache-httpd": {
      product: "Apache httpd",
      vendor: "Apache",
      cpe: "a:apache:http_server",
      aliases: ["HTTPD", "Apache", "Apache HTTP Server"],
    },
    bind: { product: "BIND", vendor: "ISC", aliases: ["named"] },
  },
  "b.yaml": {
    "acme-web": { product: "Web Console", vendor: "Acme" },
    "bolt-web": { product: "Web Console", vendor: "Bolt" },
  },
});
const key = (product: string, vendor?: string) => identify({ product, vendor }, index).key;

describe("identify", () => {
  it("knows a product whose name a pack follows by the kind of program, and no other by that kind alone", () => {
    expect(identify({ product: "Postfix smtpd" }).key).toBe("postfix");
    expect(identify({ product: "Squid http proxy" }).key).toBe("squid");
    expect(identify({ product: "Nonesuch smtpd" })).toMatchObject({ key: "nonesuchsmtpd", cpe: null });
    expect(identify({ product: "smtpd" }).cpe).toBeNull();
  });

  it("knows a product by its name, its key and its aliases, whatever the case and the punctuation", () => {
    for (const name of ["nginx", "NGINX", "Nginx "]) expect(key(name)).toBe("nginx");
    for (const name of ["Apache httpd", "apache-httpd", "Apache", "Apache HTTP Server"])
      expect(key(name)).toBe("apache-httpd");
    expect(key("HTTPD", "Apache")).toBe("apache-httpd");
    expect(key("BIND", "ISC")).toBe("bind");
    expect(key("nginx", "nginx")).toBe("nginx");
  });

  it("does not give everybody's httpd to Apache", () => {
    expect(key("httpd", "OpenBSD")).toBe("openbsdhttpd");
    expect(key("httpd", "Apache Software Foundation")).toBe("apache-httpd");
  });

  it("tells products of one name apart by their vendors, and guesses nothing without", () => {
    expect(key("Web Console", "Acme")).toBe("acme-web");
    expect(key("Web Console", "Bolt")).toBe("bolt-web");
    expect(identify({ product: "Web Console" }, index)).toMatchObject({ key: "webconsole", cpe: null });
  });

  it("makes an identity of what it does not know, with the product as given", () => {
    expect(identify({ product: "My Daemon-2", vendor: "Somebody" }, index)).toEqual({
      key: "mydaemon2",
      product: "My Daemon-2",
      vendor: "Somebody",
      cpe: null,
    });
    expect(key("产品")).toBe("产品");
  });

  it("is stable: what one name leads to, its own product and vendor lead to again", () => {
    fc.assert(
      fc.property(fc.string(), fc.option(fc.string()), (product, vendor) => {
        const once = identify({ product, vendor }, index);
        expect(identify(once, index).key).toBe(once.key);
      }),
    );
  });
});

const text = z.string().min(1);
const entrySchema = z.strictObject({
  product: text,
  vendor: text.optional(),
  cpe: text.optional(),
  aliases: z.array(text).optional(),
  service: text.optional(),
  os: text.optional(),
  device: text.optional(),
});

describe("the product files", () => {
  it("give no name to two identities", () => {
    expect(indexProducts(productFiles).conflicts).toEqual([]);
  });

  it("hold CPEs of the form part:vendor:product, and no field that is not read", () => {
    for (const [file, entries] of Object.entries(productFiles))
      for (const [name, entry] of Object.entries(entries)) {
        expect(entrySchema.safeParse(entry).success, `${file}: ${name}`).toBe(true);
        if (entry.cpe !== undefined)
          expect(entry.cpe, `${file}: ${name}`).toMatch(
            /^[aoh]:(?:\\.|[^:\\\s])+:(?:\\.|[^:\\\s])+(?::\*)?$/,
          );
        expect(productByKey(name)?.product).toBe(entry.product);
        expect(identify({ vendor: entry.vendor, product: entry.product }).key, `${file}: ${name}`).toBe(name);
      }
    expect(productByKey("no such key")).toBeNull();
  });

  it("report a name that two identities claim", () => {
    const twice = indexProducts({
      "x.yaml": { a: { product: "A", aliases: ["Thing"] }, b: { product: "B", aliases: ["thing!"] } },
      "y.yaml": { a: { product: "Other" }, c: { product: "Thing" } },
    });
    expect(twice.conflicts).toEqual([
      "y.yaml: a has another product",
      '"thing" of b already names a',
      '"thing" is a name of a and of c',
    ]);
  });

  it("may both speak of one identity: the second file adds to the first", () => {
    const both = indexProducts({
      "x.yaml": { a: { product: "A", vendor: "V", aliases: ["One"] } },
      "y.yaml": { a: { product: "A", cpe: "a:v:a", aliases: ["Two"] } },
    });
    expect(both.conflicts).toEqual([]);
    expect(both.byKey.get("a")).toEqual({ key: "a", product: "A", vendor: "V", cpe: "a:v:a" });
    for (const product of ["One", "Two"]) expect(identify({ product }, both).key).toBe("a");
  });
});

describe("CPE names", () => {
  const named = (cpe: string, version: string | null) => cpe23({ cpe }, version);

  it.each([
    ["a:f5:nginx", "1.22.1", "cpe:2.3:a:f5:nginx:1.22.1:*:*:*:*:*:*:*", "cpe:/a:f5:nginx:1.22.1"],
    ["a:python:python:*", "0.6", "cpe:2.3:a:python:python:*:*:*:*:*:*:*:*", "cpe:/a:python:python"],
    ["a:f5:nginx", null, "cpe:2.3:a:f5:nginx:*:*:*:*:*:*:*:*", "cpe:/a:f5:nginx"],
    [
      "a:openbsd:openssh",
      "9.6p1",
      "cpe:2.3:a:openbsd:openssh:9.6:p1:*:*:*:*:*:*",
      "cpe:/a:openbsd:openssh:9.6:p1",
    ],
    [
      "a:openbsd:openssh",
      "8.4p1 Debian 5+deb11u3",
      "cpe:2.3:a:openbsd:openssh:8.4:p1:*:*:*:*:*:*",
      "cpe:/a:openbsd:openssh:8.4:p1",
    ],
    ["a:isc:bind", "9.11.4-P2", "cpe:2.3:a:isc:bind:9.11.4:p2:*:*:*:*:*:*", "cpe:/a:isc:bind:9.11.4:p2"],
    ["a:exim:exim", "4.97-RC1", "cpe:2.3:a:exim:exim:4.97:rc1:*:*:*:*:*:*", "cpe:/a:exim:exim:4.97:rc1"],
    [
      "a:openssl:openssl",
      "1.0.2k",
      "cpe:2.3:a:openssl:openssl:1.0.2k:*:*:*:*:*:*:*",
      "cpe:/a:openssl:openssl:1.0.2k",
    ],
    ["a:samba:samba", "3.X - 4.X", "cpe:2.3:a:samba:samba:*:*:*:*:*:*:*:*", "cpe:/a:samba:samba"],
    [
      "a:mysql:mysql",
      "8.0.36-0ubuntu0+1~x",
      "cpe:2.3:a:mysql:mysql:8.0.36-0ubuntu0\\+1\\~x:*:*:*:*:*:*:*",
      "cpe:/a:mysql:mysql:8.0.36-0ubuntu0%2b1%7ex",
    ],
    ["a:x:y", "R2:SP1*", "cpe:2.3:a:x:y:r2\\:sp1\\*:*:*:*:*:*:*:*", "cpe:/a:x:y:r2%3asp1%2a"],
    ["a:x:y", "-", "cpe:2.3:a:x:y:\\-:*:*:*:*:*:*:*", "cpe:/a:x:y:-"],
    [
      "o:microsoft:windows",
      "Server 2019",
      "cpe:2.3:o:microsoft:windows:server_2019:*:*:*:*:*:*:*",
      "cpe:/o:microsoft:windows:server_2019",
    ],
    ["a:joe\\'s:c++", "1", "cpe:2.3:a:joe\\'s:c\\+\\+:1:*:*:*:*:*:*:*", "cpe:/a:joe%27s:c%2b%2b:1"],
  ])("names %s version %s", (cpe, version, formatted, uri) => {
    expect(named(cpe, version)).toBe(formatted);
    expect(cpe22(formatted)).toBe(uri);
  });

  it("gives none to an identity without", () => {
    expect(cpe23({ cpe: null }, "1.0")).toBeNull();
  });

  it("packs into the URI what CPE 2.2 has no place for", () => {
    expect(cpe22("cpe:2.3:a:hp:insight:7.4.0.1570:-:*:*:online:win2003:x64:*")).toBe(
      "cpe:/a:hp:insight:7.4.0.1570:-:~~online~win2003~x64~",
    );
    expect(cpe22("cpe:2.3:o:linux:linux_kernel:2.6.*:*:*:en:*:*:*:*")).toBe(
      "cpe:/o:linux:linux_kernel:2.6.%02:::en",
    );
  });

  it("leaves any other text as it is", () => {
    for (const text of ["cpe:/a:f5:nginx", "", "nginx"]) expect(cpe22(text)).toBe(text);
  });

  it("always has 13 components, whatever the version says", () => {
    fc.assert(
      fc.property(fc.string(), (version) => {
        const name = named("a:f5:nginx", version)!;
        expect(name.replace(/\\./g, "").split(":").length).toBe(13);
        expect(name).toMatch(/^[\x21-\x7e]+$/);
        expect(cpe22(name)).toMatch(/^cpe:\/a:f5:nginx/);
      }),
    );
  });
});
