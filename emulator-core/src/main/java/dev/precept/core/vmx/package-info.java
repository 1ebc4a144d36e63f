/**
 * Intel's Virtual-Machine Extensions: the strategy {@link dev.precept.core.vmx.Vmx}, its
 * instructions, the VMCS, the controls and the exit reasons. Uses {@code dev.precept.core} and
 * nothing else; nothing in {@code dev.precept.core} knows of it.
 *
 * <p>A host in 32-bit protected mode that enters VMX operation and launches a guest, whose CPUID
 * exits:
 *
 * <pre>{@code
 * CpuModel model = CpuModel.intel();
 * PhysicalMemory memory = new PhysicalMemory(1 << 20);
 * OpcodeMap map = new OpcodeMap();
 * BaseInstructions.register(map);
 * Vmx.register(map);
 * Cpu cpu = new Cpu(model, memory, PortIo.EMPTY, map, new Vmx());
 *
 * // 4 MiB mapped one to one; VMX operation wants paging and numeric errors on.
 * memory.write32(0x9000, 0x83);
 * cpu.state.cr0 = CpuState.CR0_PG | CpuState.CR0_NE | CpuState.CR0_ET | CpuState.CR0_PE;
 * cpu.state.cr3 = 0x9000;
 * cpu.state.cr4 = CpuState.CR4_VMXE | CpuState.CR4_PSE;
 * cpu.state.featureControl = 5;
 * cpu.state.cs.set(0x08, 0xC9B, 0xFFFF_FFFFL, 0);
 * cpu.state.ds.set(0x10, 0xC93, 0xFFFF_FFFFL, 0);
 * cpu.state.rip = 0x7C00;
 *
 * // The VMXON region at 1000h and a VMCS at 2000h, whose pointers are at 500h and 508h.
 * memory.write32(0x1000, model.vmxCapabilities.revision());
 * memory.write64(0x500, 0x1000);
 * memory.write64(0x508, 0x2000);
 * VmcsRegion.format(memory, 0x2000, model);
 * Map<VmcsField, Long> fields = new EnumMap<>(VmcsField.class);
 * fields.put(VmcsField.PIN_BASED_CONTROLS, model.vmxCapabilities.pinBased);
 * fields.put(VmcsField.PRIMARY_PROCESSOR_BASED_CONTROLS, model.vmxCapabilities.procBased);
 * fields.put(VmcsField.VM_EXIT_CONTROLS, model.vmxCapabilities.exit);
 * fields.put(VmcsField.VM_ENTRY_CONTROLS, model.vmxCapabilities.entry);
 * fields.put(VmcsField.HOST_CR0, cpu.state.cr0);
 * fields.put(VmcsField.HOST_CR3, cpu.state.cr3);
 * fields.put(VmcsField.HOST_CR4, cpu.state.cr4);
 * fields.put(VmcsField.HOST_CS_SELECTOR, 0x08L);
 * fields.put(VmcsField.HOST_SS_SELECTOR, 0x10L);
 * fields.put(VmcsField.HOST_TR_SELECTOR, 0x18L);
 * fields.put(VmcsField.HOST_RIP, 0x7D00L);
 * fields.put(VmcsField.GUEST_CR0, cpu.state.cr0);
 * fields.put(VmcsField.GUEST_CR3, cpu.state.cr3);
 * fields.put(VmcsField.GUEST_CR4, cpu.state.cr4);
 * fields.put(VmcsField.GUEST_DR7, 0x400L);
 * fields.put(VmcsField.GUEST_RFLAGS, 2L);
 * fields.put(VmcsField.GUEST_RIP, 0x8000L);
 * fields.put(VmcsField.GUEST_CS_SELECTOR, 0x08L);
 * fields.put(VmcsField.GUEST_CS_LIMIT, 0xFFFF_FFFFL);
 * fields.put(VmcsField.GUEST_CS_ACCESS_RIGHTS, 0xC09BL);
 * fields.put(VmcsField.GUEST_SS_ACCESS_RIGHTS, 0x1_0000L); // unusable, as are the next ones
 * fields.put(VmcsField.GUEST_DS_ACCESS_RIGHTS, 0x1_0000L);
 * fields.put(VmcsField.GUEST_ES_ACCESS_RIGHTS, 0x1_0000L);
 * fields.put(VmcsField.GUEST_FS_ACCESS_RIGHTS, 0x1_0000L);
 * fields.put(VmcsField.GUEST_GS_ACCESS_RIGHTS, 0x1_0000L);
 * fields.put(VmcsField.GUEST_LDTR_ACCESS_RIGHTS, 0x1_0000L);
 * fields.put(VmcsField.GUEST_TR_ACCESS_RIGHTS, 0x8BL);
 * fields.put(VmcsField.GUEST_TR_LIMIT, 0x67L);
 * fields.forEach((field, value) -> VmcsRegion.write(memory, 0x2000, field, value));
 *
 * String host = "F30FC73500050000" + "0FC73508050000" + "0F01C2"; // VMXON, VMPTRLD, VMLAUNCH
 * memory.write(0x7C00, HexFormat.of().parseHex(host));
 * memory.write(0x8000, HexFormat.of().parseHex("0FA2")); // CPUID
 * for (int i = 0; i < 4; i++) {
 *   cpu.step();
 * }
 * long reason = VmcsRegion.read(memory, 0x2000, VmcsField.EXIT_REASON);
 * }</pre>
 *
 * <p>Then {@code reason} is {@link dev.precept.core.vmx.ExitReason#CPUID} and {@code cpu.state.rip}
 * is 7D00h. If VM entry had failed, RFLAGS.ZF would be set and {@link
 * dev.precept.core.vmx.VmcsField#VM_INSTRUCTION_ERROR} would say why, or the exit reason would have
 * bit 31 set. {@link dev.precept.core.vmx.Vmx#enterRootOperation} spares the VMXON. A program that
 * knows fields by their encodings passes those to {@code VmcsRegion} instead.
 *
 * <p>Not modelled: APIC virtualization but for the TPR shadow, external interrupts, NMIs, INIT and
 * SIPIs as events (so acknowledging an interrupt, posted interrupts and wait-for-SIPI), SMM and the
 * dual-monitor treatment, page-modification logging, virtualization exceptions, Processor Trace,
 * SGX enclaves. The controls of these must be 0: the capability MSRs say so, and a model whose MSRs
 * say otherwise promises what the core does not do.
 *
 * <p>Source: SDM vol. 3C, chapters 23 to 30, vol. 3D, appendices A to C. Section and table numbers
 * are those of the printing of June 2016 (order number 325384-059US); what came later is named by
 * its title.
 */
package dev.precept.core.vmx;
