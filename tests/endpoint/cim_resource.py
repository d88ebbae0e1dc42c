"""Classes as resources: what is done with their URIs."""

import associations
import wql
from cim import (DMTF, WMI, Ref, Writer, body_as_is, input_of,
                 read_instance, read_ref, read_text, same_key)
from cim_classes import CLASSES
from cim_host import HOST_CLASSES
from enumeration import enumerate_items
from faults import Fault
from fragments import Fragment
from soap import ENUMERATION, NS, TRANSFER, tag, text_of
from xmltools import created, local, part, qualified

WQL = "http://schemas.microsoft.com/wbem/wsman/1/WQL"
SELECTOR = "http://schemas.dmtf.org/wbem/wsman/1/wsman/SelectorFilter"
ASSOCIATION = ("http://schemas.dmtf.org/wbem/wsman/1/cimbinding/"
               "associationFilter")
SPACES = ("root/cimv2",)
DMTF_SPACE = "root/hardware"       # unless __cimnamespace names another
ALL = "http://schemas.dmtf.org/wbem/wscim/1/*"


class Target:
    """What a URI and its selectors address."""

    def __init__(self, repository, request, uri):
        self.repository = repository
        self.keys = dict(request.selectors)
        space = self.keys.pop("__cimnamespace", None)
        self.text = request.resource_uri.rstrip("/")
        if uri == ALL or uri.startswith(DMTF):
            self.prefix = DMTF
            name = "*" if uri == ALL else self.text[len(DMTF):]
            self.space = (space or DMTF_SPACE).replace("\\", "/").lower()
        else:
            self.prefix = WMI
            path, _, name = self.text[len(WMI):].rpartition("/")
            self.space = path.lower()
            if space and space.replace("\\", "/").lower() != self.space:
                raise Fault("other_namespace")
        self.name = name
        self.all = name == "*"
        self.writer = Writer(self.prefix, self.space, request.url,
                             repository.config.cim_types)
        for word in request.options:
            if word.endswith("showextensions"):
                self.writer.location = True
            elif word.endswith("excludenilproperties"):
                self.writer.skip_nil = True
        if self.space not in SPACES:
            raise repository.failed("not_found", "namespace")
        self.cls = None if self.all else repository.find_class(name)


class CimResource:
    """All classes of the service."""

    takes_fragments = True

    def __init__(self, config):
        self.config = config
        self.classes = {}
        for kind in HOST_CLASSES + CLASSES:
            self.classes[kind.name.lower()] = kind(self)
        self.reset()

    def reset(self):
        """Make all classes as they were at the start."""
        for cls in self.classes.values():
            if hasattr(cls, "reset"):
                cls.reset()

    def failed(self, key, kind=None):
        """Return a fault in the form that the service uses for WMI's."""
        fault = Fault(key)
        return fault.as_wmi(kind) if self.config.wmi_errors else fault

    def knows(self, name):
        """True if a class has this name or one of its bases has."""
        return any(c.is_a(name) for c in self.classes.values())

    def find_class(self, name):
        """Return a class, or the name of a base of some class."""
        cls = self.classes.get(name.lower())
        if cls is None and not self.knows(name):
            raise self.failed("not_found", "class")
        return cls

    def family(self, name):
        """Return the classes that are, or come from, the one named."""
        return [c for c in self.classes.values()
                if c.is_a(name) and not c.abstract]

    @staticmethod
    def serves(uri):
        """True if the URI, in lower case, is of a class."""
        return uri.startswith((WMI, DMTF)) or uri == ALL

    # --- dispatch ---

    def operation(self, request, uri):
        """Return the function that answers a request."""
        run = {TRANSFER + "Get": self._get, TRANSFER + "Put": self._put,
               TRANSFER + "Create": self._create,
               TRANSFER + "Delete": self._delete,
               ENUMERATION + "Enumerate": self._enumerate,
               }.get(request.action)
        if run is None and request.action.lower().startswith(
                uri.rstrip("/") + "/") and "*" not in uri:
            run = self._invoke
        if run is None:
            raise Fault("action")
        return lambda r, u: self._guard(run, r, u)

    def _guard(self, run, request, uri):
        """Give faults of the classes the form that is wanted."""
        try:
            return run(request, Target(self, request, uri))
        except Fault as fault:
            if self.config.wmi_errors and fault.form == "wsman":
                fault.as_wmi()
            raise

    # --- one instance ---

    def _keys(self, target, request):
        """Return the keys that the selectors give; all must be there."""
        cls = target.cls
        if cls is None:
            raise self.failed("not_found")
        options = ("count", "size", "start", "delay")
        given = {n: v for n, v in target.keys.items()
                 if cls.name != "Test_Item" or n not in options}
        names = {p.name.lower(): p for p in cls.keys}
        if set(given) - set(names):
            raise Fault("extra_selectors")
        if not given and (cls.singleton or not cls.keys):
            return {}
        if not given:
            raise Fault("not_singleton")
        if len(given) < len(names):
            raise Fault("few_selectors")
        return {names[n].name: self._key(names[n], v, request)
                for n, v in given.items()}

    @staticmethod
    def _key(prop, value, request):
        if prop.kind == "reference":
            element = request.selector_eprs.get(prop.name.lower())
            if element is not None:
                return read_ref(element)
            try:
                return wql.read_path(value)
            except wql.WqlError:
                raise Fault("selector_type")
        try:
            return read_text(prop, value)
        except Fault:
            raise Fault("selector_type")

    def _find(self, target, request):
        if target.all:
            raise Fault("action")
        values = target.cls.find(self._keys(target, request), request) if (
            target.cls) else None
        if values is None:
            raise self.failed("not_found")
        return values

    def _get(self, request, target):
        values = self._find(target, request)
        text = target.writer.instance(target.cls, values)
        if request.fragment is None:
            return text
        request.reply_headers.append(request.fragment.header)
        return request.fragment.read(text)

    def _put(self, request, target):
        values = self._find(target, request)
        cls, fragment = target.cls, request.fragment
        body = qualified(request.text).find(tag("s", "Body"))
        if fragment is not None:
            text = target.writer.instance(cls, values)
            element = part(text)
            fragment.write(element, body)
        else:
            element = self._instance(cls, body)
        changes = read_instance(cls, element)
        for prop in cls.keys:
            if prop.name in changes and not same_key(
                    values[prop.name], changes.pop(prop.name)):
                raise Fault("keys")
        cls.put(values, changes, request)
        after = cls.find({p.name: values[p.name] for p in cls.keys}, request)
        if after is None:
            return ""
        text = target.writer.instance(cls, after)
        if fragment is not None:
            request.reply_headers.append(fragment.header)
            try:
                return fragment.read(text)
            except Fault:
                return ""          # an element that is gone
        return text

    @staticmethod
    def _instance(cls, body):
        """Return the element of an instance in a body."""
        element = body[0] if len(body) else None
        if element is None or local(element).lower() != cls.name.lower():
            raise Fault("schema")
        return element

    def _create(self, request, target):
        cls = target.cls
        if target.all:
            raise Fault("action")
        if cls is None:
            raise self.failed("not_found", "class")
        body = qualified(request.text).find(tag("s", "Body"))
        values = read_instance(cls, self._instance(cls, body))
        values = cls.create(values, request)
        return created(request.url, target.writer.uri(cls.name),
                       target.writer.selectors(
                           {p.name: values[p.name] for p in cls.keys}))

    def _delete(self, request, target):
        values = self._find(target, request)
        target.cls.delete(values, request)
        return ""

    # --- methods ---

    def _invoke(self, request, target):
        name = request.action[len(target.text) + 1:]
        cls = target.cls
        method = None if cls is None else {
            n.lower(): (n, *m) for n, m in cls.methods.items()
        }.get(name.lower())
        if method is None:
            raise self.failed("action", "method")
        name, run, static, given, answer = method
        values = {}
        if not static:
            values = self._find(target, request)
        element = input_of(request, qualified(request.text), name)
        space = target.writer.uri(cls.name)
        if run is None:
            return body_as_is(element, name + "_OUTPUT")
        shape = Shape(self, given)
        given = read_instance(shape, element, "cim_parameter")
        result = run(values, given, request)
        parts = [target.writer.property(p, result[p.name])
                 for p in answer if p.name in result]
        return ('<p:%s_OUTPUT xmlns:p="%s" xmlns:xsi="%s" xmlns:cim="%s">%s'
                "</p:%s_OUTPUT>" % (name, space, NS["xsi"], NS["cim"],
                                    "".join(parts), name))

    # --- enumerations ---

    def _enumerate(self, request, target):
        return enumerate_items(
            request, lambda wanted: self._items(request, target, wanted),
            filters=True)

    def _items(self, request, target, wanted):
        if wanted.filter is not None:
            filters = {WQL: self._query, SELECTOR: self._selected,
                       ASSOCIATION: self._associated}
            run = filters.get(wanted.dialect)
            if run is None:
                raise Fault("dialect")
            return run(request, target, wanted)
        if target.all:
            raise Fault("filter_needed")
        self._no_keys(target)
        found = self._instances(request, target.name, wanted)
        items = (self._item(target, wanted, c, v) for c, v in found)
        return self._source(target, items, request)

    @staticmethod
    def _no_keys(target):
        if target.keys and target.name.lower() != "test_item":
            raise Fault("enum_keys")

    @staticmethod
    def _source(target, items, request):
        if hasattr(target.cls, "source"):
            return target.cls.source(items, request)
        return items

    def _instances(self, request, name, wanted):
        """Return (class, values) of the instances of a class."""
        family = self.family(name)
        if wanted.polymorphism == "None":
            family = [c for c in family if c.name.lower() == name.lower()]
        if len(family) == 1:
            # Its options are checked before the first Pull.
            cls = family[0]
            return ((cls, v) for v in cls.instances(request))
        return ((c, v) for c in family for v in c.instances(request))

    def _item(self, target, wanted, cls, values, names=None):
        """Return the text of an item."""
        writer = target.writer
        as_base = (wanted.polymorphism == "ExcludeSubClassProperties"
                   and target.cls is None and not target.all)

        def object_xml():
            if as_base:
                # The bases have no properties of their own but the keys.
                keys = {p.name.lower() for p in cls.keys} | {"name"}
                return writer.instance(cls, values, target.name, keys)
            return writer.instance(cls, values, names=names)

        return wanted.item(object_xml, lambda: writer.ref(Ref(
            cls.name, {p.name: values[p.name] for p in cls.keys})))

    def _selected(self, request, target, wanted):
        if target.all or target.cls is None:
            raise Fault("filter")
        self._no_keys(target)
        holder = wanted.filter.find(tag("w", "SelectorSet"))
        if holder is None or not len(holder):
            raise Fault("filter_xml")
        tests = {}
        for element in holder:
            name = (element.get("Name") or "").lower()
            prop = target.cls.by_name.get(name)
            if element.tag != tag("w", "Selector") or not name:
                raise Fault("filter_xml")
            if prop is None or not prop.plain or prop in tests:
                raise self.failed("filter")
            try:
                tests[prop] = read_text(prop, text_of(element))
            except Fault:
                raise self.failed("filter")
        found = self._instances(request, target.name, wanted)
        items = (self._item(target, wanted, c, v) for c, v in found
                 if all(v.get(p.name) is not None
                        and same_key(v[p.name], t)
                        for p, t in tests.items()))
        return self._source(target, items, request)

    def _associated(self, request, target, wanted):
        if not target.all or target.keys:
            raise Fault("filter")
        links = associations.of_filter(wanted.filter)
        return self._linked(request, target, wanted, links)

    def _linked(self, request, target, wanted, links):
        found = associations.find(self, links, request)
        return (self._item(target, wanted, c, v, links.columns or None)
                for c, v in found)

    # --- queries ---

    def _query(self, request, target, wanted):
        if not target.all or target.keys:
            raise Fault("wql_uri")
        try:
            query = wql.parse(text_of(wanted.filter))
            if query.kind != "select":
                return self._linked(request, target, wanted,
                                    associations.of_query(query))
            return self._answer(request, target, wanted, query)
        except wql.WqlError as error:
            fault = self.failed("filter")
            fault.text = "The query is not valid: %s." % error
            raise fault

    def _answer(self, request, target, wanted, query):
        family = self.family(query.cls)
        if not family:
            raise self.failed("filter", "class")
        tests = [(c, wql.condition(query.tree, c)) for c in family]
        columns = query.columns
        if columns is not None:
            columns = sorted(columns, key=str.lower)
            for name in columns:
                if not name.startswith("__") and not any(
                        name.lower() in c.by_name for c in family):
                    raise wql.WqlError("no property %s" % name)
        found = ((c, v) for c, test in tests
                 for v in c.instances(request) if test(v))
        items = (self._row(target, wanted, c, v, columns) for c, v in found)
        target.cls = family[0]
        return self._source(target, items, request)

    def _row(self, target, wanted, cls, values, columns):
        if columns is None:
            return self._item(target, wanted, cls, values)
        writer = target.writer

        def reduced():
            parts = []
            for name in columns:
                prop = cls.by_name.get(name.lower())
                if prop is not None:
                    parts.append(writer.property(prop, values.get(prop.name),
                                                 writer.typed, ""))
            return ('<w:XmlFragment xmlns:xsi="%s" xmlns:cim="%s">%s'
                    "</w:XmlFragment>" % (NS["xsi"], NS["cim"],
                                          "".join(parts)))

        return wanted.item(reduced, lambda: writer.ref(Ref(
            cls.name, {p.name: values[p.name] for p in cls.keys})))


class Shape:
    """The parameters of a method, to be read as an instance is."""

    def __init__(self, repository, given):
        self.repository = repository
        self.by_name = {p.name.lower(): p for p in given}


def fragment_of(request):
    """Return the Fragment of a request, or None; keep its header."""
    element = request.header_element("w", "FragmentTransfer")
    if element is None:
        return None
    fragment = Fragment(element)
    fragment.header = (
        '<w:FragmentTransfer s:mustUnderstand="true">%s</w:FragmentTransfer>'
        % fragment.path.replace("&", "&amp;").replace("<", "&lt;"))
    return fragment
