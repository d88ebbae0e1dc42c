"""WQL: queries for instances."""

import re

from cim import BITS, Embedded, Ref, time_value

TOKEN = re.compile(r"""\s*(?:
    (?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
  | (?P<number>[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w])
  | (?P<word>[A-Za-z_][\w.]*)
  | (?P<braces>\{[^}]*\})
  | (?P<sign><>|!=|<=|>=|[=<>(),*])
  )""", re.X | re.S)
PATH = re.compile(r"^(?:[^:]*:)?\s*(\w+)\s*(?:\.(.*)|=\s*@)?$", re.S)
PATH_KEY = re.compile(r"\s*(\w+)\s*=\s*(?:'([^']*)'|\"([^\"]*)\"|([\w-]+))"
                      r"\s*(?:,|$)")
SIGNS = {"=": lambda a, b: a == b, "<>": lambda a, b: a != b,
         "!=": lambda a, b: a != b, "<": lambda a, b: a < b,
         ">": lambda a, b: a > b, "<=": lambda a, b: a <= b,
         ">=": lambda a, b: a >= b}
MIRROR = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}


class WqlError(Exception):
    """The text is no query, or no query for the class."""


class Query:
    """A parsed query.

    kind is select, associators or references; columns is None for *.
    """

    def __init__(self):
        self.kind = "select"
        self.columns = None
        self.cls = ""
        self.tree = None
        self.ref = None            # of associators and references
        self.words = {}            # what follows their WHERE
        self.flags = set()


def tokens(text):
    """Return (kind, text) of all tokens."""
    found, position = [], 0
    text = text.rstrip().rstrip(";").rstrip()
    while position < len(text):
        match = TOKEN.match(text, position)
        if not match:
            raise WqlError("unexpected %r" % text[position:position + 10])
        found.append((match.lastgroup, match.group(match.lastgroup)))
        position = match.end()
    return found


class Parser:
    """A parser by recursive descent."""

    def __init__(self, text):
        self.tokens = tokens(text)
        self.position = 0

    def peek(self):
        """Return the next token, in lower case if it is a word."""
        if self.position >= len(self.tokens):
            return None
        kind, text = self.tokens[self.position]
        return text.lower() if kind == "word" else text

    def take(self, kind=None):
        """Return the text of the next token and step on."""
        if self.position >= len(self.tokens):
            raise WqlError("unexpected end")
        found, text = self.tokens[self.position]
        if kind and found != kind:
            raise WqlError("%s expected at %r" % (kind, text))
        self.position += 1
        return text

    def accept(self, *words):
        """Step over one of these words or signs; return it or None."""
        found = self.peek()
        if found in words:
            self.position += 1
            return found
        return None

    def expect(self, word):
        """Step over a word."""
        if not self.accept(word):
            raise WqlError("%s expected" % word)

    def query(self):
        """Read the whole query."""
        query = Query()
        kind = self.accept("select", "associators", "references")
        if kind is None:
            raise WqlError("SELECT expected")
        if kind == "select":
            self._select(query)
        else:
            self._associators(query, kind)
        if self.peek() is not None:
            raise WqlError("unexpected %r" % self.peek())
        return query

    def _select(self, query):
        if not self.accept("*"):
            query.columns = [self.take("word")]
            while self.accept(","):
                query.columns.append(self.take("word"))
        self.expect("from")
        query.cls = self.take("word")
        if self.accept("where"):
            query.tree = self._or()

    def _associators(self, query, kind):
        query.kind = kind
        self.expect("of")
        query.ref = read_path(self.take("braces")[1:-1])
        if not self.accept("where"):
            return
        while self.peek() is not None:
            name = self.take("word").lower()
            if name in ("classdefsonly", "keysonly", "schemaonly"):
                query.flags.add(name)
                continue
            if name not in ("assocclass", "resultclass", "role",
                            "resultrole"):
                raise WqlError("unexpected %r" % name)
            self.expect("=")
            query.words[name] = self.take("word")

    def _or(self):
        left = self._and()
        while self.accept("or"):
            left = ("or", left, self._and())
        return left

    def _and(self):
        left = self._not()
        while self.accept("and"):
            left = ("and", left, self._not())
        return left

    def _not(self):
        if self.accept("not"):
            return ("not", self._not())
        if self.accept("("):
            inner = self._or()
            self.expect(")")
            return inner
        return self._comparison()

    def _operand(self):
        kind = self.tokens[self.position][0] if self.peek() else None
        text = self.take()
        if kind == "string":
            return ("value", re.sub(r"\\(.)", r"\1", text[1:-1]))
        if kind == "number":
            return ("value", float(text) if re.search("[.eE]", text)
                    else int(text))
        if kind == "word":
            word = text.lower()
            if word in ("true", "false"):
                return ("value", word == "true")
            if word == "null":
                return ("value", None)
            return ("name", text)
        raise WqlError("unexpected %r" % text)

    def _comparison(self):
        left = self._operand()
        if self.accept("is"):
            negated = bool(self.accept("not"))
            self.expect("null")
            return self._compare(left, "<>" if negated else "=",
                                 ("value", None))
        if self.accept("not"):
            self.expect("like")
            return ("not", self._compare(left, "like", self._operand()))
        sign = self.accept(*SIGNS, "like", "isa")
        if sign is None:
            raise WqlError("comparison expected")
        return self._compare(left, sign, self._operand())

    @staticmethod
    def _compare(left, sign, right):
        if left[0] == "value":
            if right[0] != "name" or sign in ("like", "isa"):
                raise WqlError("a property is missing")
            left, right, sign = right, left, MIRROR.get(sign, sign)
        if right[0] == "name" and sign in ("like", "isa"):
            raise WqlError("a text is missing")
        return ("compare", left[1], sign, right)


def read_path(text):
    """Read an object path: Class.Key='value',..."""
    match = PATH.match(text.strip())
    if not match:
        raise WqlError("no object path: %r" % text)
    keys, rest, position = {}, match.group(2) or "", 0
    while position < len(rest):
        found = PATH_KEY.match(rest, position)
        if not found:
            raise WqlError("no key: %r" % rest)
        name, *values = found.groups()
        keys[name] = next(v for v in values if v is not None)
        position = found.end()
    return Ref(match.group(1), keys)


def parse(text):
    """Read a query; raises WqlError."""
    return Parser(text).query()


# --- conditions ---

def condition(tree, cls):
    """Return function(values) for a condition on instances of a class."""
    if tree is None:
        return lambda values: True
    word = tree[0]
    if word == "compare":
        return _comparison(cls, *tree[1:])
    parts = [condition(part, cls) for part in tree[1:]]
    if word == "not":
        return lambda values: not parts[0](values)
    if word == "and":
        return lambda values: parts[0](values) and parts[1](values)
    return lambda values: parts[0](values) or parts[1](values)


def _lookup(cls, name):
    """Return function(values) for a property, and the property itself.

    A.B is a property of an embedded instance; then there is no property.
    """
    outer, _, inner = name.partition(".")
    prop = cls.by_name.get(outer.lower())
    if prop is None:
        if outer.lower() == "__class":
            return lambda values: cls.name, None
        raise WqlError("no property %s" % name)
    if not inner:
        return lambda values: values.get(prop.name), prop

    def embedded(values):
        value = values.get(prop.name)
        if not isinstance(value, Embedded):
            return None
        found = value.cls.get(value.values, inner)
        return found[1] if found else None
    return embedded, None


def _comparison(cls, name, sign, right):
    if sign == "isa":
        return _isa(cls, name, right[1])
    left, prop = _lookup(cls, name)
    if prop is not None and prop.array:
        raise WqlError("%s is an array" % name)
    if right[0] == "name":
        other, _ = _lookup(cls, right[1])
        return lambda values: _test(sign, _plain(left(values)),
                                    _plain(other(values)))
    value = right[1]
    if value is None:
        if sign not in ("=", "<>", "!="):
            raise WqlError("NULL cannot be compared")
        return lambda values: (left(values) is None) == (sign == "=")
    if sign == "like":
        pattern = like(value)
        return lambda values: left(values) is not None and bool(
            pattern.match(str(left(values))))
    wanted = _constant(prop, value)
    convert = time_value if prop is not None and (
        prop.kind == "datetime") else _plain
    return lambda values: left(values) is not None and _test(
        sign, convert(left(values)), wanted)


def _plain(value):
    if isinstance(value, (Ref, str)):
        return str(value).lower()
    return value


def _constant(prop, value):
    """Return what a constant is compared with; check its type."""
    if prop is None or prop.kind in ("string", "char16", "reference",
                                     "interval", "object"):
        return _plain(str(value) if prop is not None else value)
    try:
        if prop.kind == "datetime":
            found = time_value(str(value))
            if found is None:
                raise ValueError(value)
            return found
        if prop.kind == "boolean":
            if isinstance(value, str):
                return {"true": True, "false": False}[value.lower()]
            return bool(value)
        if isinstance(value, str):
            return int(value, 0) if prop.kind in BITS else float(value)
        if isinstance(value, bool):
            return int(value)
        return value
    except (KeyError, ValueError):
        raise WqlError("%r is no %s" % (value, prop.kind))


def _test(sign, left, right):
    if left is None or right is None:
        return False
    try:
        return SIGNS[sign](left, right)
    except TypeError:
        return False


def _isa(cls, name, wanted):
    if not isinstance(wanted, str):
        raise WqlError("ISA wants the name of a class")
    if name.lower() in ("__this", "__class"):
        return lambda values: cls.is_a(wanted)
    left, _ = _lookup(cls, name)

    def test(values):
        value = left(values)
        if isinstance(value, Embedded):
            return value.cls.is_a(wanted)
        return isinstance(value, Ref) and (
            value.cls.lower() == wanted.lower())
    return test


def like(pattern):
    """Return the regular expression of a LIKE pattern."""
    if not isinstance(pattern, str):
        raise WqlError("LIKE wants a text")
    parts, position = [], 0
    while position < len(pattern):
        char = pattern[position]
        position += 1
        if char == "%":
            parts.append(".*")
        elif char == "_":
            parts.append(".")
        elif char == "[":
            end = pattern.find("]", position)
            if end < 0:
                raise WqlError("[ without ]")
            parts.append(_set(pattern[position:end]))
            position = end + 1
        else:
            parts.append(re.escape(char))
    return re.compile("(?is)^%s$" % "".join(parts))


def _set(text):
    """Return the regular expression of the characters in brackets."""
    negated = text.startswith("^")
    text = text[negated:].replace("=", "-")
    inner = re.sub(r"([\\\[\]^])", r"\\\1", text)
    if not inner:
        raise WqlError("nothing within []")
    try:
        re.compile("[%s]" % inner)
    except re.error:
        raise WqlError("not a set: [%s]" % text)
    return "[%s%s]" % ("^" if negated else "", inner)
