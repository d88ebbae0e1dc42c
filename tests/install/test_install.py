#!/usr/bin/env python3
"""Installs into a temporary folder, and builds a program of somebody else against that by pkg-config, and with
the project as its subproject, shared and static. WSC_SOURCE_DIR names the source, WSC_VERSION its version."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.environ["WSC_SOURCE_DIR"]
VERSION, SOVERSION = os.environ["WSC_VERSION"], "0"
CC = os.environ.get("CC", "cc").split()

# what is installed, and where the links point to
WANTED = {
    "bin/wsc": None,
    "include/wsman-client/sys/auth.h": None,
    "include/wsman-client/sys/encoder.h": None,
    "include/wsman-client/sys/transport.h": None,
    "include/wsman-client/uv.h": None,
    "include/wsman-client/value.h": None,
    "include/wsman-client/version.h": None,
    "include/wsman-client/wsman-client.h": None,
    "lib/libwsman-client.a": None,
    "lib/libwsman-client.so": f"libwsman-client.so.{SOVERSION}",
    f"lib/libwsman-client.so.{SOVERSION}": f"libwsman-client.so.{VERSION}",
    f"lib/libwsman-client.so.{VERSION}": None,
    "lib/pkgconfig/wsman-client.pc": None,
    "share/bash-completion/completions/wsc": None,
    "share/doc/wsman-client/COPYING": None,
    "share/doc/wsman-client/README.md": None,
    **{f"share/doc/wsman-client/docs/{n}": None for n in os.listdir(os.path.join(SOURCE, "docs")) if n.endswith(".md")},
    "share/fish/vendor_completions.d/wsc.fish": None,
    "share/man/man1/wsc.1": None,
    "share/man/man3/wsman-client.3": None,
    "share/man/man7/wsman-client-options.7": None,
    "share/zsh/site-functions/_wsc": None,
}


def run(*argv, cwd=None, **env):
    done = subprocess.run(argv, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, encoding="utf-8",
                          env={**os.environ, **env})
    if done.returncode:
        raise AssertionError(f"{' '.join(argv)}: {done.returncode}\n{done.stdout[-4000:]}")
    return done.stdout


def tree(top):
    """path below top -> where the link points to, or None"""
    found = {}
    for folder, _, names in os.walk(top):
        for name in names:
            path = os.path.join(folder, name)
            found[os.path.relpath(path, top)] = os.readlink(path) if os.path.islink(path) else None
    return found


class Stage(unittest.TestCase):
    """One build, installed twice: below DESTDIR as for a package, and in its place."""

    @classmethod
    def setUpClass(cls):
        cls.temp = tempfile.TemporaryDirectory(prefix="wsc-install-")
        cls.work = cls.temp.name
        cls.build = os.path.join(cls.work, "build")
        cls.prefix = os.path.join(cls.work, "prefix")
        cls.destdir = os.path.join(cls.work, "destdir")
        run("meson", "setup", cls.build, SOURCE, "--prefix", cls.prefix, "--libdir", "lib", "-Dbuildtype=release",
            "-Dtests=false", "-Ddefault_library=both", "--wrap-mode=nofallback")
        run("ninja", "-C", cls.build)
        run("meson", "install", "-C", cls.build, "--no-rebuild", DESTDIR=cls.destdir)
        cls.outside = os.path.exists(cls.prefix)
        run("meson", "install", "-C", cls.build, "--no-rebuild")
        cls.lib = os.path.join(cls.prefix, "lib")
        cls.pc = os.path.join(cls.lib, "pkgconfig")

    @classmethod
    def tearDownClass(cls):
        cls.temp.cleanup()

    def pkg_config(self, *argv):
        return run("pkg-config", *argv, "wsman-client", PKG_CONFIG_PATH=self.pc).split()

    def consumer(self, name, flags):
        exe = os.path.join(self.work, name)
        run(*CC, "-Wall", "-Werror", os.path.join(HERE, "consumer/consumer.c"), "-o", exe, *flags)
        return exe

    def check_runs(self, exe, **env):
        self.assertRegex(run(exe, **env), rf"^{re.escape(VERSION)} .*no-such-option")

    def test_files(self):
        self.maxDiff = None
        self.assertEqual(tree(self.prefix), WANTED)

    def test_destdir(self):
        self.assertFalse(self.outside, "DESTDIR was not heeded")
        below = os.path.relpath(self.prefix, "/")
        self.assertEqual({os.path.relpath(p, below) for p in tree(self.destdir)}, set(tree(self.prefix)))
        for path, target in tree(self.destdir).items():
            if target is None:
                with open(os.path.join(self.destdir, path), "rb") as f:
                    data = f.read()
                self.assertNotIn(self.destdir.encode(), data, path)
                self.assertNotIn(self.build.encode(), data, path)
            else:
                self.assertNotIn("/", target)

    def test_pages(self):
        """Those to which errors and wsc(1) point are there."""
        share = os.path.join(self.prefix, "share")
        with open(os.path.join(share, "man/man1/wsc.1"), encoding="utf-8") as f:
            named = re.findall(r"^\.I (/\S+\.md)$", f.read().replace("\\-", "-"), re.M)
        self.assertGreater(len(named), 2)
        for path in named:
            self.assertTrue(os.path.exists(path), path)
        tool = os.path.join(self.prefix, "bin/wsc")
        page = re.search(r"docs/\w+\.md", run(tool, "explain", "WSC_E_OPTION", LD_LIBRARY_PATH=self.lib)).group(0)
        self.assertTrue(os.path.exists(os.path.join(share, "doc/wsman-client", page)))

    def test_headers_are_the_public_ones(self):
        for path in tree(os.path.join(self.prefix, "include")):
            with open(os.path.join(self.prefix, "include", path), encoding="utf-8") as f:
                own = re.findall(r'#\s*include\s*"([^"]+)"', f.read())
            self.assertEqual(own, [], path)

    def test_names(self):
        """soname, and nothing in the archive that could meet somebody's own name"""
        so = os.path.join(self.lib, f"libwsman-client.so.{VERSION}")
        self.assertIn(f"[libwsman-client.so.{SOVERSION}]", run("readelf", "-d", so))
        self.assertNotIn("RUNPATH", run("readelf", "-d", so))
        self.assertNotIn("RUNPATH", run("readelf", "-d", os.path.join(self.prefix, "bin/wsc")))
        out = run("nm", "-g", "--defined-only", os.path.join(self.lib, "libwsman-client.a"))
        strange = {line.split()[2] for line in out.splitlines() if len(line.split()) == 3}
        self.assertEqual({n for n in strange if not n.startswith("wsc_")}, set())

    def test_tool(self):
        self.assertEqual(run(os.path.join(self.prefix, "bin/wsc"), "--version", LD_LIBRARY_PATH=self.lib),
                         f"wsc {VERSION}\n")

    def test_shared(self):
        flags = self.pkg_config("--cflags", "--libs")
        self.assertNotIn("-luv", flags)
        exe = self.consumer("shared", flags)
        self.assertIn(f"libwsman-client.so.{SOVERSION}", run("readelf", "-d", exe))
        self.check_runs(exe, LD_LIBRARY_PATH=self.lib)

    def test_static(self):
        alone = os.path.join(self.work, "alone")  # without the .so beside it -lwsman-client is the archive
        os.mkdir(alone)
        shutil.copy(os.path.join(self.lib, "libwsman-client.a"), alone)
        flags = ["-L" + alone if f == "-L" + self.lib else f for f in self.pkg_config("--static", "--cflags", "--libs")]
        exe = self.consumer("static", flags)
        self.assertNotIn("libwsman-client", run("readelf", "-d", exe))
        self.check_runs(exe)

    def test_version(self):
        self.assertEqual(self.pkg_config("--modversion"), [VERSION])


class Subproject(unittest.TestCase):
    def check(self, kind):
        with tempfile.TemporaryDirectory(prefix="wsc-subproject-") as work:
            top, build = os.path.join(work, "consumer"), os.path.join(work, "build")
            shutil.copytree(os.path.join(HERE, "consumer"), top)
            inner = os.path.join(top, "subprojects/wsman-client")
            for part in ("lib", "include"):  # examples and tests are not asked for
                shutil.copytree(os.path.join(SOURCE, part), os.path.join(inner, part))
            for part in ("meson.build", "meson_options.txt"):
                shutil.copy(os.path.join(SOURCE, part), inner)
            run("meson", "setup", build, top, "--prefix", os.path.join(work, "prefix"), "--libdir", "lib",
                "-Ddefault_library=" + kind, "-Doptimization=0", "-Ddebug=false", "--wrap-mode=nodownload",
                "--force-fallback-for=wsman-client")
            run("ninja", "-C", build)
            exe = os.path.join(build, "consumer")
            self.assertEqual("libwsman-client.so" in run("readelf", "-d", exe), kind == "shared")
            self.assertRegex(run(exe), rf"^{re.escape(VERSION)} .*no-such-option")
            run("meson", "install", "-C", build, "--no-rebuild", "--skip-subprojects")
            self.assertEqual(list(tree(os.path.join(work, "prefix"))), ["bin/consumer"])

    def test_shared(self):
        self.check("shared")

    def test_static(self):
        self.check("static")


if __name__ == "__main__":
    for tool in ("meson", "ninja", "pkg-config", "readelf"):
        if not shutil.which(tool):
            print(f"skipped: {tool} is not installed")
            sys.exit(77)
    unittest.main(verbosity=2)
