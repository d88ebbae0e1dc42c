#!/usr/bin/env python3
"""Builds with the fall-backs in subprojects/ in place of the system's libraries, and asks the endpoint who it is.
Fetches the sources: only with WSC_TEST_WRAPS=1."""
import os
import shutil
import subprocess
import sys
import tempfile

SOURCE = os.environ["WSC_SOURCE_DIR"]
sys.path.insert(0, os.path.join(SOURCE, "tests/endpoint"))
from harness import PASSWORD, USER, Endpoint  # noqa: E402


def main():
    if os.environ.get("WSC_TEST_WRAPS") != "1":
        print("skipped: fetching libuv and libxml2 needs the network; WSC_TEST_WRAPS=1 allows it")
        return 77
    with tempfile.TemporaryDirectory(prefix="wsc-wraps-") as work:
        top, build = os.path.join(work, "source"), os.path.join(work, "build")
        for part in ("lib", "include", "docs", "examples", "meson.build", "meson_options.txt"):
            if os.path.isdir(os.path.join(SOURCE, part)):
                shutil.copytree(os.path.join(SOURCE, part), os.path.join(top, part))
            else:
                shutil.copy(os.path.join(SOURCE, part), top)
        # neither what was unpacked nor what was fetched before
        shutil.copytree(os.path.join(SOURCE, "subprojects"), os.path.join(top, "subprojects"),
                        ignore=lambda folder, names: [n for n in names if folder == os.path.join(SOURCE, "subprojects")
                                                      and n != "packagefiles" and not n.endswith(".wrap")])
        subprocess.run(["meson", "setup", build, top, "--wrap-mode=forcefallback", "-Dtests=false"], check=True)
        subprocess.run(["ninja", "-C", build], check=True)
        wsc = os.path.join(build, "examples/wsc")
        linked = subprocess.run(["ldd", wsc], stdout=subprocess.PIPE, check=True, encoding="utf-8").stdout
        assert "libxml2" not in linked and build in linked.split("libuv.so.1 =>")[1].split("\n")[0], linked
        endpoint = Endpoint("--allow-unencrypted")
        try:
            done = subprocess.run([wsc, "identify", "--user", USER, "--auth", "basic", "--trusted-hosts", "*",
                                   "--set", "allow-unencrypted=true", endpoint.url],
                                  env={**os.environ, "WSC_PASSWORD": PASSWORD}, stdout=subprocess.PIPE, check=True, encoding="utf-8")
        finally:
            endpoint.stop()
        assert "Microsoft" in done.stdout, done.stdout
        print(done.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
