package dev.precept.subject;

import dev.precept.cases.Case;
import dev.precept.cases.ControlBlock;
import dev.precept.cases.Layout;
import dev.precept.cases.Register;
import dev.precept.core.Cpu;
import dev.precept.core.CpuModel;
import dev.precept.core.OpcodeMap;
import dev.precept.core.PhysicalMemory;
import dev.precept.core.StepResult;
import dev.precept.core.vmx.VmcsField;
import dev.precept.core.vmx.VmcsRegion;
import dev.precept.core.vmx.Vmx;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** VMXON, then VMPTRLD and VMLAUNCH of a VMCS whose fields were written to its region. */
final class VmxProcessor implements CoreProcessor {
  private static final byte[] VMLAUNCH = {0x0F, 0x01, (byte) 0xC2};

  /** VMPTRLD [RAX], and where it lies. */
  private static final byte[] VMPTRLD = {0x0F, (byte) 0xC7, 0x30};

  private static final long VMPTRLD_AT = Layout.HOST_CODE + 0x40;

  /** The pointer that it reads. */
  private static final long POINTER = Layout.HOST_CODE + 0x60;

  /**
   * Regions whose first doubleword is the revision identifier, XORed with what a case has there.
   */
  private static final List<Long> REGIONS =
      List.of(
          Layout.CONTROL_BLOCK,
          Layout.HOST_SAVE,
          Layout.OTHER_CONTROL_BLOCK,
          Layout.PRIOR_CONTROL_BLOCK,
          Layout.SHADOW_CONTROL_BLOCK);

  /** Every field's encoding. A sorted map is copied faster than made. */
  private static final SortedMap<Integer, Long> ALL_FIELDS = allFields();

  private final Vmx vmx = new Vmx();
  private final PhysicalMemory memory;
  private final Cpu cpu;

  VmxProcessor(Features features, PhysicalMemory memory, OpcodeMap map) {
    Vmx.register(map);
    this.memory = memory;
    cpu = CoreProcessor.cpu(CpuModel.intelBuilder(), features, memory, map, vmx);
  }

  private static SortedMap<Integer, Long> allFields() {
    SortedMap<Integer, Long> fields = new TreeMap<>();
    for (VmcsField field : VmcsField.values()) {
      fields.put(field.encoding, 0L);
    }
    return fields;
  }

  @Override
  public Cpu cpu() {
    return cpu;
  }

  @Override
  public List<Long> ownPages(Case testCase) {
    return REGIONS;
  }

  @Override
  public List<Long> keptPages() {
    return REGIONS;
  }

  @Override
  public void writeHostCode(byte[] ram) {
    System.arraycopy(VMLAUNCH, 0, ram, (int) Layout.HOST_CODE, VMLAUNCH.length);
    System.arraycopy(VMPTRLD, 0, ram, (int) VMPTRLD_AT, VMPTRLD.length);
    Arrays.fill(ram, (int) POINTER, (int) POINTER + 8, (byte) 0);
  }

  @Override
  public void prepare(Case testCase) {
    int revision = cpu.model.vmxCapabilities.revision();
    for (long region : REGIONS) {
      memory.write32(region, memory.read32(region) ^ revision);
    }
  }

  @Override
  public Entry enter(Case testCase, ControlBlock controlBlock, boolean guest) {
    cpu.state.reset();
    CoreState.load(cpu.state, testCase.host());
    if (!vmx.on()) {
      vmx.enterRootOperation(cpu, Layout.HOST_SAVE);
    }
    long region = controlBlock.address();
    VmcsRegion.format(memory, region, cpu.model);
    write(controlBlock);
    controlBlock
        .shadow()
        .ifPresent(
            shadow -> {
              VmcsRegion.formatShadow(memory, shadow.address(), cpu.model);
              write(shadow);
            });
    memory.write64(POINTER, region);
    cpu.state.gpr[0] = POINTER;
    cpu.state.rip = VMPTRLD_AT;
    int selected = cpu.step();
    memory.write64(POINTER, 0);
    if (selected != StepResult.RETIRED || vmx.currentVmcs() != region) {
      return Entry.refused("VMPTRLD in the host did not complete: result " + selected);
    }
    if (guest) {
      for (Register register : VmlaunchRegisters.LEFT_ALONE) {
        CoreState.load(cpu.state, register, testCase.state().get(register));
      }
    }
    cpu.state.rip = Layout.HOST_CODE;
    int entered = cpu.step();
    if (entered == StepResult.EXITED) {
      return Entry.EXITED;
    }
    if (entered == StepResult.DELIVERED && vmx.inGuest()) {
      return Entry.DELIVERED;
    }
    if (entered != StepResult.RETIRED || !vmx.inGuest()) {
      return Entry.refused(
          "VMLAUNCH in the host did not complete: result "
              + entered
              + ", VM-instruction error "
              + VmcsRegion.read(memory, region, VmcsField.VM_INSTRUCTION_ERROR));
    }
    return Entry.RUNS;
  }

  private void write(ControlBlock block) {
    block
        .fields()
        .forEach((field, value) -> VmcsRegion.write(memory, block.address(), field, value));
  }

  @Override
  public boolean nmisBlocked() {
    return cpu.state.nmiMasked || vmx.virtualNmisBlocked();
  }

  /** All fields of the case's VMCS; none while its guest runs, since nobody can read them then. */
  @Override
  public SortedMap<Integer, Long> fields(Case testCase, boolean inGuest) {
    long region = testCase.controlBlock().address();
    if (inGuest || region == 0) {
      return Collections.emptySortedMap();
    }
    SortedMap<Integer, Long> fields = new TreeMap<>(ALL_FIELDS);
    for (Map.Entry<Integer, Long> field : fields.entrySet()) {
      field.setValue(VmcsRegion.read(memory, region, field.getKey()));
    }
    return fields;
  }
}
