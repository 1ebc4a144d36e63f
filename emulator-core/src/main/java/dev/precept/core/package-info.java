/**
 * An x86 instruction emulator, tied to no hypervisor and no test table.
 *
 * <p>A processor in real mode that reads its time-stamp counter and halts:
 *
 * <pre>{@code
 * PhysicalMemory memory = new PhysicalMemory(1 << 20);
 * OpcodeMap map = new OpcodeMap();
 * BaseInstructions.register(map);
 * Svm.register(map);
 * Cpu cpu = new Cpu(CpuModel.amd(), memory, PortIo.EMPTY, map, new Svm());
 *
 * memory.write(0x7C00, new byte[] {0x0F, 0x31, (byte) 0xF4}); // RDTSC, HLT
 * cpu.state.cs.set(0, 0x9B, 0xFFFF, 0);
 * cpu.state.rip = 0x7C00;
 * int result = cpu.step(); // RETIRED
 * while (result == StepResult.RETIRED) {
 *   result = cpu.step();
 * }
 * }</pre>
 *
 * <p>Then {@code result} is {@link StepResult#HALTED} and {@code cpu.state.gpr[0]} holds the
 * counter. A host that runs a guest is set up in the same way: it writes a VMCB into {@code memory}
 * and steps over a VMRUN. For an Intel processor the model is {@link CpuModel#intel} and the
 * strategy {@link dev.precept.core.vmx.Vmx}, whose package has an example of its own.
 *
 * <p>Conventions for instruction families (a file a chapter, e.g. {@code TimestampInstructions}):
 *
 * <ul>
 *   <li>A family is a final class with {@code public static void register(OpcodeMap map)} and
 *       static handlers {@code void name(Cpu cpu, Instruction insn)}. A subject builds a map:
 *       {@code OpcodeMap map = new OpcodeMap(); BaseInstructions.register(map);
 *       SystemInstructions.register(map);} and gives it to {@link Cpu}. A map is read-only
 *       afterwards and may be shared by CPUs.
 *   <li>Rows read like the opcode map: {@code map.row(0x0F31, "RDTSC", 0,
 *       Timestamp::rdtsc).privilege(Timestamp::tsd).svm(Intercept.RDTSC,
 *       Stage.AFTER_CHECKS).vmx(Intercept.RDTSC, Stage.AFTER_PRIVILEGE)}: where the intercept
 *       stands among the exceptions is a column for each vendor. {@code 0F 01 D8} is {@code
 *       map.exact(0x0F01, 0xD8, "VMRUN rAX.pa", CPL0|PROT, ...)}; {@code 0F 01 /2} with memory is
 *       {@code map.memory(0x0F01, 2, "LGDT M", ...)}. The order of checks is in {@link OpcodeRow}'s
 *       Javadoc. Gates ({@code row.gate}) decide whether the opcode exists here (CPUID bit,
 *       EFER.SVME): #UD if closed.
 *   <li>Faults: {@code throw cpu.gp(0)}, {@code throw cpu.ud()}, {@code throw cpu.fault(vector,
 *       code)}: one preallocated object, caught in step. Handlers write registers only after the
 *       last thing that can fault or exit; step itself restores rSP and RFLAGS on a fault.
 *   <li>Exits: {@link Virtualization}'s hooks do the world switch and throw {@link
 *       ExitSignal#INSTANCE}; {@code intercept} returns true instead.
 *   <li>Control transfers write {@code insn.nextRip}; {@code state.rip} stays at the instruction
 *       until the handler has returned, then step copies {@code nextRip} to it. VMRUN sets {@code
 *       nextRip} to the guest's RIP. {@code insn.sequentialRip} is the address behind the
 *       instruction.
 *   <li>Behind a handler step sets RIP, clears RFLAGS.RF (unless {@code cpu.keepRf}), sets the
 *       interrupt shadow to {@code cpu.shadowAfter} and takes the single-step and breakpoint traps.
 *       A handler that loaded a whole new state (VMRUN, RSM) sets {@code cpu.stateReplaced}: step
 *       then does none of this.
 *   <li>{@code cpu.result} is what step returns on normal completion ({@link StepResult}); HLT sets
 *       HALTED, INT n sets DELIVERED.
 *   <li>Operands: {@code cpu.load(insn, i)}, {@code cpu.store(insn, i, v)} by {@link Operand};
 *       memory by {@code cpu.readMemory(segment, offset, size)} with {@code insn.segment} and
 *       {@code insn.offset}.
 * </ul>
 */
package dev.precept.core;
