"""A tiny emulator: nine instructions, and the way into an SVM guest and out of it.

What it does not have, it says: such a case is not applicable, and never guessed at. Section numbers
are those of the AMD64 Architecture Programmer's Manual, volume 2.
"""
from precept import NotApplicable, Outcome, serve, START, END

UD, GP = 6, 13
CR4_TSD, CR0_TS, EFER_LMA, CS_L = 1 << 2, 1 << 3, 1 << 10, 1 << 9
RFLAGS_TF, RFLAGS_RF = 1 << 8, 1 << 16

# The VMCB's control area (appendix B, table B-1).
CR_WRITE_INTERCEPTS, EXCEPTION_INTERCEPTS = 0x002, 0x008
INTERCEPTS_3, INTERCEPTS_4, INTERCEPTS_5 = 0x00C, 0x010, 0x014
TSC_OFFSET, VIRTUAL_INTERRUPT, INTERRUPT_SHADOW = 0x050, 0x060, 0x068
EXITCODE, EXITINFO1, EXITINFO2, EXITINTINFO = 0x070, 0x078, 0x080, 0x088
NESTED_PAGING, EVENTINJ, LBR_VIRTUALIZATION = 0x090, 0x0A8, 0x0B8
NRIP, BYTES_FETCHED = 0x0C8, 0x0D0

# Exit codes (appendix C, table C-1).
VMEXIT_CR0_WRITE, VMEXIT_EXCP, VMEXIT_RDTSC, VMEXIT_CPUID = 0x10, 0x40, 0x6E, 0x72
VMEXIT_INVD, VMEXIT_HLT, VMEXIT_VMMCALL = 0x76, 0x78, 0x81
VMEXIT_RDTSCP, VMEXIT_WBINVD = 0x87, 0x89


def segment(name, offset):
    return [(name + "_SEL", offset, 2), (name + "_ATTR", offset + 2, 2),
            (name + "_LIMIT", offset + 4, 4), (name + "_BASE", offset + 8, 8)]


# What VMRUN loads and #VMEXIT saves (15.5.1, 15.6; appendix B, table B-2).
SWITCHED = [
    *segment("ES", 0x400), *segment("CS", 0x410), *segment("SS", 0x420), *segment("DS", 0x430),
    ("GDTR_LIMIT", 0x464, 4), ("GDTR_BASE", 0x468, 8),
    ("IDTR_LIMIT", 0x484, 4), ("IDTR_BASE", 0x488, 8), ("CPL", 0x4CB, 1), ("EFER", 0x4D0, 8),
    ("CR4", 0x548, 8), ("CR3", 0x550, 8), ("CR0", 0x558, 8), ("DR7", 0x560, 8),
    ("DR6", 0x568, 8), ("RFLAGS", 0x570, 8), ("RIP", 0x578, 8), ("RSP", 0x5D8, 8),
    ("RAX", 0x5F8, 8), ("CR2", 0x640, 8)]

# What VMLOAD loads; #VMEXIT leaves it in the processor (15.5.2).
LOADED = [
    *segment("FS", 0x440), *segment("GS", 0x450), *segment("LDTR", 0x470), *segment("TR", 0x490),
    ("STAR", 0x600, 8), ("LSTAR", 0x608, 8), ("CSTAR", 0x610, 8), ("SFMASK", 0x618, 8),
    ("KERNEL_GS_BASE", 0x620, 8), ("SYSENTER_CS", 0x628, 8), ("SYSENTER_ESP", 0x630, 8),
    ("SYSENTER_EIP", 0x638, 8)]

# What #VMEXIT does not bring back of the host though it saves the guest's (15.6).
STAYS = {"DR6", "DR7", "CR2"}


class Exit(Exception):
    """#VMEXIT: the guest was left."""


class Cpu:
    def __init__(self, case):
        self.case, self.memory = case, case.memory()
        self.r = dict(case.state)
        self.vmcb = None

    def get(self, name):
        return self.r.get(name, 0)

    def intercepted(self, vector, bit):
        return self.vmcb is not None and self.memory.read(self.vmcb + vector, 4) >> bit & 1

    def enter(self, vmcb):
        """VMLOAD and VMRUN (15.5.1), from the host that the case describes."""
        self.r = dict(self.case.state)
        read = self.memory.read
        for name, offset, size in LOADED + SWITCHED:
            self.r[name] = read(vmcb + offset, size)
        self.r["INTERRUPT_SHADOW"] = read(vmcb + INTERRUPT_SHADOW, 1) & 1
        self.r["CR8"] = read(vmcb + VIRTUAL_INTERRUPT, 1) & 0xF
        self.r["GIF"] = 1
        self.vmcb = vmcb
        for what, built in (("event injection", read(vmcb + EVENTINJ, 4) >> 31),
                            ("nested paging", read(vmcb + NESTED_PAGING, 1) & 1),
                            ("virtual interrupts", read(vmcb + VIRTUAL_INTERRUPT + 1, 1) & 1),
                            ("NMI virtualization", read(vmcb + VIRTUAL_INTERRUPT + 3, 1) >> 2 & 1),
                            ("a virtual GIF", read(vmcb + VIRTUAL_INTERRUPT + 3, 1) >> 1 & 1),
                            ("a V_TPR that is not the TPR",
                             self.get("CR8") != self.case.state.get("CR8", 0)),
                            ("LBR virtualization", read(vmcb + LBR_VIRTUALIZATION, 1) & 1)):
            if built:
                raise NotApplicable(what + " is not built")

    def leave(self, code, next_rip=0):
        """#VMEXIT (15.6)."""
        write, vmcb = self.memory.write, self.vmcb
        for name, offset, size in SWITCHED:
            write(vmcb + offset, size, self.get(name))
        write(vmcb + INTERRUPT_SHADOW, 1, self.get("INTERRUPT_SHADOW"))
        write(vmcb + VIRTUAL_INTERRUPT, 1, self.get("CR8"))
        for offset, size, value in ((EXITCODE, 8, code), (EXITINFO1, 8, 0), (EXITINFO2, 8, 0),
                                    (EXITINTINFO, 8, 0), (NRIP, 8, next_rip),
                                    (BYTES_FETCHED, 1, 0)):
            write(vmcb + offset, size, value)
        for name, _, _ in SWITCHED:
            if name not in STAYS:
                self.r[name] = self.case.host.get(name, 0)
        self.r["RIP"] += 6  # behind VMLOAD and VMRUN
        self.r.update(DR7=0x400, INTERRUPT_SHADOW=0, GIF=0)
        self.vmcb = None
        raise Exit

    def fault(self, vector):
        if self.intercepted(EXCEPTION_INTERCEPTS, vector):
            self.leave(VMEXIT_EXCP + vector)
        raise NotApplicable("delivery of exceptions is not built")

    def long64(self):
        return self.get("EFER") & EFER_LMA and self.get("CS_ATTR") & CS_L

    def fetch(self):
        """Opcode, length and prefixes of the instruction at CS:rIP."""
        start = at = self.get("CS_BASE") + self.get("RIP")
        if not START <= at < END - 16:
            raise NotApplicable("no memory here")
        prefixes = set()
        while self.memory.bytes[at] in b"\x66\x67\x2E\x36\x3E\x26\x64\x65\xF0\xF2\xF3":
            prefixes.add(self.memory.bytes[at])
            at += 1
        if self.long64() and self.memory.bytes[at] & 0xF0 == 0x40:
            at += 1
        size = 1
        if self.memory.bytes[at] == 0x0F:
            size = 3 if self.memory.bytes[at + 1] == 0x01 else 2
        return bytes(self.memory.bytes[at:at + size]).hex().upper(), at + size - start, prefixes

    # Checks: each ends the instruction if it fires.

    def undefined(self, armed):
        if armed:
            self.fault(UD)

    def protection(self, armed):
        if armed:
            self.fault(GP)

    def intercept(self, vector, bit, code):
        if self.intercepted(vector, bit):
            nrips = self.case.has(0x8000000A, "edx", 3)
            self.leave(code, self.get("RIP") + self.length if nrips else 0)

    # Instructions, their checks in the order of 15.9, table 15-7.

    def hlt(self):
        self.protection(self.get("CPL") != 0)
        self.intercept(INTERCEPTS_3, 24, VMEXIT_HLT)
        if self.intercepted(INTERCEPTS_5, 6):
            raise NotApplicable("the idle HLT intercept is not built")
        return "halted"

    def clts(self):
        self.protection(self.get("CPL") != 0)
        self.intercept(CR_WRITE_INTERCEPTS, 0, VMEXIT_CR0_WRITE)
        self.r["CR0"] = self.get("CR0") & ~CR0_TS

    def invd(self):
        self.protection(self.get("CPL") != 0)
        self.intercept(INTERCEPTS_3, 22, VMEXIT_INVD)

    def wbinvd(self):
        self.protection(self.get("CPL") != 0)
        self.intercept(INTERCEPTS_4, 9, VMEXIT_WBINVD)

    def ud2(self):
        self.fault(UD)

    def time_stamp(self):
        offset = self.memory.read(self.vmcb + TSC_OFFSET, 8) if self.vmcb is not None else 0
        tsc = self.get("TSC") + offset
        self.r.update(RAX=tsc & 0xFFFFFFFF, RDX=tsc >> 32 & 0xFFFFFFFF)

    def no_tsc(self):
        return self.get("CR4") & CR4_TSD and self.get("CPL") != 0

    def rdtsc(self):
        self.undefined(not self.case.has(1, "edx", 4))
        self.protection(self.no_tsc())
        self.intercept(INTERCEPTS_3, 14, VMEXIT_RDTSC)
        self.time_stamp()

    def rdtscp(self):
        self.undefined(not self.case.has(0x80000001, "edx", 27))
        self.protection(self.no_tsc())
        self.intercept(INTERCEPTS_4, 7, VMEXIT_RDTSCP)
        self.time_stamp()
        self.r["RCX"] = self.get("TSC_AUX") & 0xFFFFFFFF

    def cpuid(self):
        self.intercept(INTERCEPTS_3, 18, VMEXIT_CPUID)
        self.r.update(RAX=0, RBX=0, RCX=0, RDX=0)  # this processor has nothing to tell

    def vmmcall(self):
        self.intercept(INTERCEPTS_4, 1, VMEXIT_VMMCALL)
        self.fault(UD)

    INSTRUCTIONS = {"F4": hlt, "0F06": clts, "0F08": invd, "0F09": wbinvd, "0F0B": ud2,
                    "0F31": rdtsc, "0FA2": cpuid, "0F01D9": vmmcall, "0F01F9": rdtscp}

    def step(self):
        """Runs an instruction; says whether it retired or halted, or raises Exit."""
        if self.get("RFLAGS") & RFLAGS_TF or self.get("DR7") & 0xFF:
            raise NotApplicable("debug exceptions are not built")
        opcode, self.length, prefixes = self.fetch()
        instruction = self.INSTRUCTIONS.get(opcode)
        if instruction is None or prefixes & {0xF2, 0xF3}:
            raise NotApplicable("no such instruction here")
        self.undefined(0xF0 in prefixes)  # LOCK: none of these may have it
        how = instruction(self) or "retired"
        rip = self.get("RIP") + self.length
        self.r["RIP"] = rip if self.long64() else rip & 0xFFFFFFFF
        self.r["RFLAGS"] = self.get("RFLAGS") & ~RFLAGS_RF
        self.r["INTERRUPT_SHADOW"] = 0
        return how


class Tiny:
    name, version, vendors = "tiny.py", "1.0", ["svm"]

    def run(self, case):
        if case.state.get("SMM"):
            raise NotApplicable("system-management mode is not built")
        cpu = Cpu(case)
        block = case.control_block and int(case.control_block["address"], 16)
        before = case.prior_control_block if case.guest else case.control_block
        if before:
            # A guest comes and goes. Memory is as it was afterwards; the processor may not be.
            cpu.enter(int(before["address"], 16))
            try:
                cpu.step()
                raise NotApplicable("the guest that goes before does not exit")
            except Exit:
                cpu.memory = case.memory()
        kind = "retired"
        try:
            if case.guest:
                cpu.enter(block)
            else:
                cpu.r = dict(case.state)
            for _ in range(case.steps):
                if kind == "retired":
                    kind = cpu.step()
        except Exit:
            kind = "exit"
        return Outcome(kind, cpu.r, cpu.memory)


if __name__ == "__main__":
    serve(Tiny())
