"""References and values, for which there is no need of a host. The api is the one of all tests:
what has been called is counted."""
import ctypes
import unittest

from wscffi import Api

api = Api()
K = api.constants


class Values(unittest.TestCase):
    def setUp(self):
        xml = b"<a xmlns='urn:a' k='v'><n>-7</n><n>8</n><d>1.5</d><b>true</b><t>1970-01-01T00:00:01Z</t>" \
            b"<p>PT2S</p><o>AAE=</o></a>"
        self.value = api.new("value_parse", xml, len(xml), None)

    def tearDown(self):
        api.value_unref(self.value)

    def got(self, name, path, kind, nth=0):
        out = kind()
        self.assertEqual(getattr(api, "value_get_" + name)(api.value_find(self.value, path, nth), ctypes.byref(out)), 0)
        return out.value

    def test_types(self):
        self.assertEqual(self.got("int", b"n", ctypes.c_int64), -7)
        self.assertEqual(self.got("uint", b"n", ctypes.c_uint64, 1), 8)
        self.assertEqual(self.got("double", b"d", ctypes.c_double), 1.5)
        self.assertEqual(self.got("bool", b"b", ctypes.c_int), 1)
        self.assertEqual(self.got("duration", b"p", ctypes.c_int64), 20000000)
        ticks, offset, size, buf = ctypes.c_int64(), ctypes.c_int(7), ctypes.c_size_t(), ctypes.create_string_buffer(4)
        self.assertEqual(api.value_get_time(api.value_at(self.value, 4), ctypes.byref(ticks), ctypes.byref(offset)), 0)
        self.assertEqual((ticks.value, offset.value), (10000000, 0))
        self.assertEqual(api.value_get_bytes(api.value_at(self.value, 6), buf, 4, ctypes.byref(size)), 0)
        self.assertEqual(buf.raw[:size.value], b"\0\1")
        self.assertEqual(api.value_count(self.value), 7)
        self.assertEqual(api.value_attr(self.value, None, b"k"), b"v")
        name = ctypes.c_char_p()
        self.assertEqual(api.value_attr_at(self.value, 0, None, ctypes.byref(name), None), 0)
        self.assertEqual(name.value, b"k")

    def test_paths(self):
        epr = api.new("epr_parse_path", b"WSMan:\\localhost\\Client\\TrustedHosts", None, None)
        self.assertEqual(api.epr_inside(epr), b"TrustedHosts")
        self.assertTrue(api.epr_uri(epr).endswith(b"/config/client"))
        api.epr_unref(epr)

    def test_configuration_texts(self):
        out = ctypes.c_char_p()
        self.assertEqual(api.value_get_str(self.value, b"O", ctypes.byref(out)), 0)
        self.assertEqual(out.value, b"AAE=")
        self.assertEqual(api.value_get_str(self.value, b"none", ctypes.byref(out)), K["E_AGAIN"])
        sddl = api.new("value_parse_sddl", b"O:NSG:BAD:P(A;;GA;;;BA)", None, None)
        self.assertEqual(api.value_get_str(sddl, b"Access/Account", ctypes.byref(out)), 0)
        self.assertEqual(out.value, b"Administrators")
        api.value_unref(sddl)

    def test_changes(self):
        none = ctypes.c_void_p()
        self.assertEqual(api.value_get_epr(self.value, ctypes.byref(none)), K["E_PROTOCOL"])
        copy, child = api.new("value_copy", self.value), ctypes.c_void_p()
        self.assertEqual(api.value_add_value(copy, self.value, ctypes.byref(child)), 0)
        self.assertEqual(api.value_set_text(child, b"new"), 0)
        self.assertEqual(api.value_set_attr(child, None, b"k", None), 0)
        self.assertEqual(api.value_set_type(child, b"urn:t", b"T"), 0)
        self.assertEqual((api.value_type(child), api.value_type_ns(child)), (b"T", b"urn:t"))
        for _ in range(7):
            self.assertEqual(api.value_remove(copy, 0), 0)
        epr = api.new("epr_new", b"urn:r")
        other = api.new("epr_new", b"urn:o")
        self.assertEqual(api.epr_add_selector_epr(other, b"in", epr), 0)
        self.assertEqual(api.value_add_epr(copy, None, b"ref", other), 0)
        kept = api.value_ref(copy)
        api.value_unref(copy)
        text = ctypes.c_char_p()
        self.assertEqual(api.value_get_xml(ctypes.c_void_p(kept), ctypes.byref(text), None), 0)
        self.assertIn(b"T\">new</a>", text.value)
        self.assertIn(b"urn:r", text.value)
        api.value_unref(ctypes.c_void_p(kept))
        for handle in (epr, other):
            api.epr_unref(handle)
