package dev.precept.core.vmx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.core.CpuFault;
import dev.precept.core.CpuState;
import dev.precept.core.StepResult;
import dev.precept.core.vmx.VmxControls.ProcBased2;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a guest may do of virtualization without an exit: VM functions, VMREAD and VMWRITE of a
 * shadow VMCS, PASID translation (SDM vol. 3C, 25.5.5, 24.10, 30.3).
 */
class GuestServicesTest {
  // VMFUNC: EAX the function, ECX the entry of the EPTP list, which is at AREA

  private static final long OTHER_EPT = 0x8_0000;

  /** Where the virtualization-exception information goes. */
  private static final long INFORMATION = 0x9_0000;

  private static VmxMachine functions() {
    VmxMachine m =
        new VmxMachine()
            .ept()
            .proc2(ProcBased2.ENABLE_VM_FUNCTIONS)
            .set(VmcsField.VM_FUNCTION_CONTROLS, 1)
            .set(VmcsField.EPTP_LIST_ADDRESS, VmxMachine.AREA)
            .code("0F01D4 488B03");
    // The other tables share all but the page of DATA, which is DATA + 1000h.
    m.memory.write64(OTHER_EPT, OTHER_EPT + 0x1000 | 7);
    m.memory.write64(OTHER_EPT + 0x1000, OTHER_EPT + 0x2000 | 7);
    m.memory.write64(OTHER_EPT + 0x2000, OTHER_EPT + 0x3000 | 7);
    for (int i = 0; i < 512; i++) {
      m.memory.write64(OTHER_EPT + 0x3000 + 8L * i, (long) i << 12 | 0x37);
    }
    long page = VmxMachine.DATA >> 12;
    m.memory.write64(OTHER_EPT + 0x3000 + 8 * page, (page + 1) << 12 | 0x37);
    m.memory.write64(VmxMachine.AREA + 8 * 511, OTHER_EPT | 6 | 3 << 3);
    m.memory.write64(VmxMachine.DATA + 0x1000, 0x5555);
    m.state.gpr[3] = VmxMachine.DATA;
    m.state.gpr[1] = 511;
    return m;
  }

  @Test
  void eptpSwitchingChangesTheTranslationAndTheVmcs() {
    VmxMachine m = functions();

    assertThat(m.run()).isEqualTo(StepResult.RETIRED);
    m.cpu.step();

    assertThat(m.state.gpr[0]).isEqualTo(0x5555);
    assertThat(m.get(VmcsField.EPT_POINTER)).isEqualTo(OTHER_EPT | 6 | 3 << 3);
  }

  @Test
  void eptpSwitchingLeavesFlagsAlone() {
    VmxMachine m = functions().set(VmcsField.GUEST_RFLAGS, 0x8D7);

    m.run();

    assertThat(m.state.rflags).isEqualTo(0x8D7);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 511, a function that is not enabled",
    "63, 511, a function that does not exist",
    "0, 512, beyond the list",
    "0, 510, no legal EPTP"
  })
  void vmfuncExits(int function, int entry, String why) {
    VmxMachine m = functions();
    m.state.gpr[0] = function;
    m.state.gpr[1] = entry;

    m.run();

    assertThat(m.reason()).isEqualTo(59);
    assertThat(m.get(VmcsField.VM_EXIT_INSTRUCTION_LENGTH)).isEqualTo(3);
    assertThat(m.get(VmcsField.GUEST_RIP)).isEqualTo(VmxMachine.GUEST_CODE);
    assertThat(m.qualification()).isZero();
    assertThat(m.get(VmcsField.EPT_POINTER)).isEqualTo(VmxMachine.EPT | 6 | 3 << 3);
  }

  @Test
  void vmfuncLoadsTheEptpIndexWithTheEptp() {
    VmxMachine m = functions().set(VmcsField.EPTP_INDEX, 0x5A3C);
    m.state.gpr[1] = 511;

    m.run();

    assertThat(m.get(VmcsField.EPTP_INDEX)).isEqualTo(511);
    assertThat(m.get(VmcsField.EPT_POINTER)).isEqualTo(OTHER_EPT | 6 | 3 << 3);
  }

  @Test
  void aVirtualizationExceptionBehindVmfuncTellsTheIndexThatItLoaded() {
    VmxMachine m =
        functions()
            .proc2(ProcBased2.EPT_VIOLATION_VE)
            .set(VmcsField.VIRTUALIZATION_EXCEPTION_INFORMATION_ADDRESS, INFORMATION)
            .set(VmcsField.EPTP_INDEX, 0x5A3C);
    m.memory.write64(OTHER_EPT + 0x3000 + 8 * (VmxMachine.DATA >> 12), 0);
    m.state.gpr[1] = 511;

    m.run();
    m.cpu.step();

    assertThat(m.memory.read16(INFORMATION + 32)).isEqualTo(511);
  }

  @Test
  void vmfuncExitsIfNoFunctionIsEnabled() {
    VmxMachine m = functions().set(VmcsField.VM_FUNCTION_CONTROLS, 0);

    m.run();

    assertThat(m.reason()).isEqualTo(59);
  }

  @Test
  void functionsFrom64OnAreUndefined() {
    VmxMachine m = functions();
    m.state.gpr[0] = 64;

    m.run();

    assertThat(m.exceptionVector()).isEqualTo(CpuFault.UD);
  }

  @Test
  void onlyEaxSelectsTheFunctionAndOnlyEcxTheEntry() {
    VmxMachine m = functions();
    m.state.gpr[0] = 1L << 32;
    m.state.gpr[1] = 1L << 32 | 511;

    assertThat(m.run()).isEqualTo(StepResult.RETIRED);
  }

  @Test
  void withoutTheControlVmfuncIsUndefined() {
    VmxMachine m = new VmxMachine().ept().code("0F01D4");

    m.run();

    assertThat(m.exceptionVector()).isEqualTo(CpuFault.UD);
  }

  @Test
  void vmfuncWorksAtCplThreeAndInCompatibilityMode() {
    VmxMachine m = functions().compatibility().cpl3();

    assertThat(m.run()).isEqualTo(StepResult.RETIRED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"F00F01D4", "660F01D4"})
  void prefixesMakeVmfuncUndefined(String code) {
    VmxMachine m = functions().code(code);

    m.run();

    assertThat(m.exceptionVector()).isEqualTo(CpuFault.UD);
  }

  // VMCS shadowing: RBX has the encoding, RAX the value

  private static final int FIELD = 0x6800;

  private static VmxMachine shadowing(String code) {
    VmxMachine m =
        new VmxMachine()
            .proc2(ProcBased2.VMCS_SHADOWING)
            .set(VmcsField.VMCS_LINK_POINTER, VmxMachine.SHADOW_VMCS)
            .set(VmcsField.VMREAD_BITMAP_ADDRESS, VmxMachine.BITMAP)
            .set(VmcsField.VMWRITE_BITMAP_ADDRESS, VmxMachine.AREA)
            .code(code);
    VmcsRegion.formatShadow(m.memory, VmxMachine.SHADOW_VMCS, m.cpu.model);
    VmcsRegion.write(m.memory, VmxMachine.SHADOW_VMCS, FIELD, 0x1234);
    m.state.gpr[3] = FIELD;
    m.state.gpr[0] = 0x77;
    return m;
  }

  private static void mark(VmxMachine m, long bitmap, int encoding) {
    m.memory.write8(bitmap + (encoding >> 3), 1 << (encoding & 7));
  }

  @Test
  void vmreadOfAGuestReadsTheShadowVmcs() {
    VmxMachine m = shadowing("0F78D8").set(VmcsField.GUEST_RFLAGS, 0x8D7);

    assertThat(m.run()).isEqualTo(StepResult.RETIRED);

    assertThat(m.state.gpr[0]).isEqualTo(0x1234);
    assertThat(m.status()).isZero();
  }

  @Test
  void vmwriteOfAGuestWritesTheShadowVmcs() {
    VmxMachine m = shadowing("0F79D8");

    m.run();

    assertThat(VmcsRegion.read(m.memory, VmxMachine.SHADOW_VMCS, FIELD)).isEqualTo(0x77);
    assertThat(m.get(VmcsField.GUEST_CR0)).isEqualTo(0x8000_0031L);
  }

  @Test
  void markedFieldsExit() {
    VmxMachine read = shadowing("0F78D8");
    mark(read, VmxMachine.BITMAP, FIELD);
    VmxMachine write = shadowing("0F79D8");
    mark(write, VmxMachine.AREA, FIELD);

    read.run();
    write.run();

    assertThat(read.reason()).isEqualTo(23);
    assertThat(write.reason()).isEqualTo(25);
  }

  @Test
  void readsAndWritesAreMarkedApart() {
    VmxMachine read = shadowing("0F78D8");
    mark(read, VmxMachine.AREA, FIELD);
    VmxMachine write = shadowing("0F79D8");
    mark(write, VmxMachine.BITMAP, FIELD);

    assertThat(read.run()).isEqualTo(StepResult.RETIRED);
    assertThat(write.run()).isEqualTo(StepResult.RETIRED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"8000", "16800", "100006800", "8000000000000000"})
  void encodingsBeyondTheBitmapExit(String encoding) {
    VmxMachine m = shadowing("0F78D8");
    m.state.gpr[3] = Long.parseUnsignedLong(encoding, 16);

    m.run();

    assertThat(m.reason()).isEqualTo(23);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0F78D8", "0F79D8"})
  void aboveCplZeroWhatDoesNotExitIsProtected(String code) {
    VmxMachine m = shadowing(code).cpl3();

    m.run();

    assertThat(m.exceptionVector()).isEqualTo(CpuFault.GP);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0F78D8", "0F79D8"})
  void aboveCplZeroWhatExitsExits(String code) {
    VmxMachine m = shadowing(code).cpl3();
    mark(m, VmxMachine.BITMAP, FIELD);
    mark(m, VmxMachine.AREA, FIELD);

    m.run();

    assertThat(m.reason()).isIn(23L, 25L);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0F78D8", "0F79D8"})
  void withoutALinkedVmcsTheyFailInvalid(String code) {
    VmxMachine m = shadowing(code).set(VmcsField.VMCS_LINK_POINTER, -1L);

    assertThat(m.run()).isEqualTo(StepResult.RETIRED);

    assertThat(m.status()).isEqualTo(CpuState.CF);
  }

  @Test
  void unsupportedFieldsOfAGuestFail() {
    VmxMachine m = shadowing("0F78D8");
    m.state.gpr[3] = 0x7FFE;

    m.run();

    assertThat(m.status()).isEqualTo(CpuState.ZF);
    assertThat(m.state.gpr[0]).isEqualTo(0x77);
  }

  @Test
  void inCompatibilityModeTheyAreUndefinedEvenWithShadowing() {
    VmxMachine m = shadowing("0F78D8").compatibility();

    m.run();

    assertThat(m.exceptionVector()).isEqualTo(CpuFault.UD);
  }

  @Test
  void otherVmxInstructionsOfAGuestStillExit() {
    VmxMachine m = shadowing("0F01C2");

    m.run();

    assertThat(m.reason()).isEqualTo(20);
  }

  // PASID translation: RAX the enqueue register, [RBX] the command

  private static final long LOW = 0x8_0000, HIGH = 0x8_1000, TABLE = 0x8_2000;

  private static VmxMachine pasid(String code, int pasid) {
    VmxMachine m =
        new VmxMachine()
            .proc2(ProcBased2.PASID_TRANSLATION)
            .set(VmcsField.LOW_PASID_DIRECTORY_ADDRESS, LOW)
            .set(VmcsField.HIGH_PASID_DIRECTORY_ADDRESS, HIGH)
            .code(code);
    m.memory.write64((pasid >> 19 == 0 ? LOW : HIGH) + (pasid >> 10 & 0x1FF) * 8L, TABLE | 1);
    m.memory.write32(TABLE + (pasid & 0x3FF) * 4L, 1 << 31 | 0x42);
    m.state.pasid = 1L << 31 | pasid;
    m.state.gpr[0] = VmxMachine.AREA;
    m.state.gpr[3] = VmxMachine.BITMAP;
    if (code.startsWith("F3")) {
      m.memory.write32(VmxMachine.BITMAP, 1 << 31 | pasid);
    }
    return m;
  }

  @ParameterizedTest
  @CsvSource({
    "F20F38F803, 0", "F20F38F803, 7FFFF", "F20F38F803, 80000", "F20F38F803, FFFFF",
    "F30F38F803, 0", "F30F38F803, 7FFFF", "F30F38F803, 80000", "F30F38F803, FFFFF"
  })
  void aPasidThatTranslatesDoesNotExit(String code, String pasid) {
    VmxMachine m = pasid(code, Integer.parseInt(pasid, 16));

    assertThat(m.run()).isEqualTo(StepResult.RETIRED);

    // No device is there to accept the command.
    assertThat(m.status()).isEqualTo(CpuState.ZF);
  }

  @ParameterizedTest
  @CsvSource({"F20F38F803, 72", "F30F38F803, 73"})
  void aPasidThatDoesNotTranslateExits(String code, int reason) {
    for (int what = 0; what < 4; what++) {
      VmxMachine m = pasid(code, 0x8_0401);
      switch (what) {
        case 0 -> m.memory.write64(HIGH + 8, TABLE);
        case 1 -> m.memory.write64(HIGH + 8, TABLE | 3);
        case 2 -> m.memory.write32(TABLE + 4, 0x42);
        default -> m.memory.write32(TABLE + 4, 1 << 31 | 1 << 20);
      }

      m.run();

      assertThat(m.reason()).isEqualTo(reason);
      // IA32_PASID's PASID; for ENQCMDS all of the command's first doubleword.
      assertThat(m.qualification()).isEqualTo(reason == 72 ? 0x8_0401 : 0x8008_0401L);
      assertThat(m.get(VmcsField.VM_EXIT_INSTRUCTION_LENGTH)).isEqualTo(5);
    }
  }

  @Test
  void theFaultsOfTheOperandsComeBeforeThePasidIsTranslated() {
    VmxMachine m = pasid("F20F38F803", 5);
    m.memory.write64(LOW, 0);
    m.state.gpr[0] = VmxMachine.AREA + 1;

    m.run();

    assertThat(m.exceptionVector()).isEqualTo(CpuFault.GP);
  }

  @Test
  void withoutTheControlNothingIsTranslated() {
    VmxMachine m = pasid("F20F38F803", 5);
    m.set(VmcsField.SECONDARY_PROCESSOR_BASED_CONTROLS, 0);
    m.memory.write64(LOW, 0);

    assertThat(m.run()).isEqualTo(StepResult.RETIRED);
  }
}
