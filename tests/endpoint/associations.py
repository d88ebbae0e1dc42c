"""Associated instances, asked for by filters or queries."""

from cim import Ref, read_ref
from faults import Fault
from soap import text_of
from xmltools import child, local


class Links:
    """What is looked for: one kind of query, whatever its words."""

    def __init__(self, ref, links=False, assoc="", role="", result="",
                 result_role="", columns=()):
        self.ref = ref
        self.links = links             # the associations themselves
        self.assoc = assoc
        self.role = role
        self.result = result
        self.result_role = result_role
        self.columns = {c.lower() for c in columns}


def of_filter(element):
    """Read b:AssociatedInstances or b:AssociationInstances."""
    inner = element[0] if len(element) == 1 else None
    if inner is None or local(inner) not in ("AssociatedInstances",
                                             "AssociationInstances"):
        raise Fault("filter_xml")
    target = child(inner, "Object")
    if target is None:
        raise Fault("filter_xml")
    links = local(inner) == "AssociationInstances"
    known = {"object", "resultclassname", "role", "includeresultproperty"}
    if not links:
        known |= {"associationclassname", "resultrole"}
    for found in inner:
        if local(found).lower() not in known:
            raise Fault("filter_xml")
    text = lambda name: text_of(child(inner, name))
    try:
        ref = read_ref(target)
    except Fault:
        raise Fault("filter_xml")
    return Links(ref, links, text("AssociationClassName"), text("Role"),
                 text("ResultClassName"), text("ResultRole"),
                 [text_of(e) for e in inner
                  if local(e) == "IncludeResultProperty"])


def of_query(query):
    """Read ASSOCIATORS OF or REFERENCES OF."""
    words = query.words
    return Links(query.ref, query.kind == "references",
                 words.get("assocclass", ""), words.get("role", ""),
                 words.get("resultclass", ""), words.get("resultrole", ""))


def find(repository, links, request):
    """Yield (class, values) of what is linked to an instance."""
    start = repository.classes.get(links.ref.cls.lower())
    if start is None or (start.find(links.ref.keys, request) is None):
        raise Fault("filter")
    for name in (links.assoc, links.result):
        if name and not repository.knows(name):
            raise Fault("filter")
    return _find(repository, links, request)


def _find(repository, links, request):
    for cls in list(repository.classes.values()):
        if not cls.association:
            continue
        wanted = links.result if links.links else links.assoc
        if wanted and not cls.is_a(wanted):
            continue
        for values in cls.instances(request):
            yield from _ends(repository, links, cls, values, request)


def _ends(repository, links, cls, values, request):
    for mine, other in (cls.association, cls.association[::-1]):
        if not same(values[mine], links.ref):
            continue
        if links.role and links.role.lower() != mine.lower():
            continue
        if links.links:
            yield cls, values
            continue
        if links.result_role and links.result_role.lower() != other.lower():
            continue
        target = values[other]
        found = repository.classes.get(target.cls.lower())
        if found is None or (links.result and not found.is_a(links.result)):
            continue
        instance = found.find(target.keys, request)
        if instance is not None:
            yield found, instance


def same(one, two):
    """True if two references are to the same instance."""
    return isinstance(one, Ref) and one == two
