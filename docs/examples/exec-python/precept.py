"""The protocol of `precept gate --subject exec:COMMAND`, around an emulator in Python.

docs/subjects.md describes it. An emulator is an object with `name`, `version`, `vendors` and
`run(case)`, which returns an Outcome; `serve(emulator)` does the rest.
"""
import json
import sys

START, END, PAGE, CHUNK = 0x10000, 0x80000, 0x1000, 0x10000


class NotApplicable(Exception):
    """The emulator cannot run the case, and says why."""


class Memory:
    """Physical memory of a case, by physical address."""

    def __init__(self, contents):
        self.bytes = bytearray(contents)

    def read(self, address, size):
        return int.from_bytes(self.bytes[address:address + size], "little")

    def write(self, address, size, value):
        self.bytes[address:address + size] = value.to_bytes(size, "little")


class Case:
    """A case, with everything that its template says and it does not say itself."""

    def __init__(self, template):
        self.id = ""
        self.vendor = template["vendor"]
        self.guest = template["context"] == "guest"
        self.features = template["features"]
        self.state = registers(template["state"])
        self.host = registers(template["host"])
        self.contents = template["contents"]
        self.control_block = template.get("controlBlock")
        self.prior_control_block = None
        self.steps = 1

    def has(self, leaf, register, bit):
        """Whether the case wants a CPUID bit there; it says so of all that matter to it."""
        for feature in self.features:
            if (int(feature["leaf"], 16), feature["register"], feature["bit"]) == (
                    leaf, register, bit):
                return feature["present"]
        return True

    def memory(self):
        """Memory as the case begins with it."""
        return Memory(self.contents)


class Outcome:
    """How a case ended: `kind`, all registers, and memory."""

    def __init__(self, kind, registers, memory, unseen=(), **more):
        self.kind, self.registers, self.memory = kind, registers, memory
        self.unseen, self.more = unseen, more


def registers(members):
    return {name: int(value, 16) for name, value in members.items()}


def patched(contents, patches):
    contents = bytearray(contents)
    for address, data in patches:
        at = int(address, 16)
        data = bytes.fromhex(data)
        contents[at:at + len(data)] = data
    return contents


def changes(before, after):
    """Bytes of `after` that `before` has differently, as patches."""
    patches = []
    for chunk in range(START, END, CHUNK):
        if before[chunk:chunk + CHUNK] == after[chunk:chunk + CHUNK]:
            continue
        for page in range(chunk, chunk + CHUNK, PAGE):
            if before[page:page + PAGE] != after[page:page + PAGE]:
                patches += page_changes(before, after, page)
    return patches


def page_changes(before, after, page):
    at = page
    while at < page + PAGE:
        if before[at] == after[at]:
            at += 1
            continue
        start = at
        while at < page + PAGE and before[at] != after[at]:
            at += 1
        yield [hex(start), after[start:at].hex()]


def differences(values, from_values):
    return {name: hex(value) for name, value in values.items()
            if value != from_values.get(name, 0)}


def observation(case, outcome):
    others = "host" if outcome.kind == "exit" else "state"
    return {
        "kind": outcome.kind,
        "others": others,
        "registers": differences(
            outcome.registers, case.host if others == "host" else case.state),
        "unseen": list(outcome.unseen),
        "memory": changes(case.contents, outcome.memory.bytes),
        **outcome.more,
    }


class Session:
    """What has been said so far: images and templates come once."""

    def __init__(self, emulator):
        self.emulator = emulator
        self.images, self.templates = {}, {}

    def image(self, message):
        self.images[message["name"]] = patched(bytes(END), message["memory"])

    def template(self, message):
        message["contents"] = patched(self.images[message["image"]], message["memory"])
        self.templates[message["name"]] = message

    def case(self, message):
        case = Case(self.templates[message["template"]])
        case.id = message["id"]
        case.state.update(registers(message.get("state", {})))
        case.host.update(registers(message.get("host", {})))
        if "memory" in message:
            case.contents = patched(case.contents, message["memory"])
        for member, attribute in (("features", "features"), ("steps", "steps"),
                                  ("controlBlock", "control_block"),
                                  ("priorControlBlock", "prior_control_block")):
            if member in message:
                setattr(case, attribute, message[member])
        return case

    def answer(self, message):
        case = self.case(message)
        try:
            seen = observation(case, self.emulator.run(case))
        except NotApplicable as why:
            seen = {"kind": "not-applicable", "remark": str(why)}
        return {"observation": {"number": message["number"], **seen}}


def serve(emulator):
    """Reads lines and answers them until there are no more."""
    session = Session(emulator)
    for line in sys.stdin:
        (kind, message), = json.loads(line).items()
        if kind == "hello":
            answer = {"hello": {"protocol": 1, "name": emulator.name,
                                "version": emulator.version, "vendors": emulator.vendors}}
        elif kind == "case":
            answer = session.answer(message)
        elif kind == "end":
            answer = {"end": message}
        else:
            getattr(session, {"image": "image", "template": "template"}[kind])(message)
            continue
        sys.stdout.write(json.dumps(answer, separators=(",", ":")) + "\n")
        if kind != "case":
            sys.stdout.flush()
