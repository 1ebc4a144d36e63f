package dev.precept.core.svm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.core.Msr;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** VM_CR, VM_HSAVE_PA, SVM_KEY and EFER (APM vol. 2, 15.30, 15.31, 3.1.7), written in a guest. */
class SvmMsrTest {
  private static final long SVMDIS = 1 << 4, LOCK = 1 << 3;

  /** Executes WRMSR; the guest is left if it raises #GP. */
  private static boolean write(SvmMachine machine, int msr, long value) {
    machine.code("0F30").rax(value & 0xFFFF_FFFFL);
    machine.state.gpr[1] = msr & 0xFFFF_FFFFL;
    machine.state.gpr[2] = value >>> 32;
    machine.run();
    return machine.inGuest();
  }

  @ParameterizedTest(name = "VM_HSAVE_PA {0}: legal {1}")
  @CsvSource({"0x5000, true", "0x5001, false", "0xFFFFFFF000, true", "0x10000000000, false"})
  void hostSaveAddressIsAlignedAndPhysical(String value, boolean legal) {
    assertThat(write(new SvmMachine(), Msr.VM_HSAVE_PA, Long.decode(value))).isEqualTo(legal);
  }

  @ParameterizedTest(name = "VM_CR {0}: legal {1}")
  @CsvSource({"0x0F, true", "0x20, false", "0x8000000000000000, false"})
  void vmCrBitsAboveFourMustBeZero(String value, boolean legal) {
    long bits = Long.parseUnsignedLong(value.substring(2), 16);

    assertThat(write(new SvmMachine(), Msr.VM_CR, bits)).isEqualTo(legal);
  }

  @ParameterizedTest(name = "LOCK {0}")
  @CsvSource({"0", "8"})
  void svmdisCannotBeSetWhileSvmeIsSet(long locked) {
    SvmMachine machine = new SvmMachine();
    machine.state.vmCr = locked;

    assertThat(write(machine, Msr.VM_CR, SVMDIS | locked)).isFalse();
  }

  @Test
  void lockMakesWritesOfLockAndSvmdisSilent() {
    SvmMachine machine = new SvmMachine();
    machine.state.vmCr = LOCK | SVMDIS;

    assertThat(write(machine, Msr.VM_CR, 1)).isTrue();

    assertThat(machine.state.vmCr).isEqualTo(LOCK | SVMDIS | 1);
  }

  @ParameterizedTest(name = "key {0}, written {1}: VM_CR {2}")
  @CsvSource({"7, 7, 0", "7, 8, 8", "0, 0, 8"})
  void matchingKeyThatIsNotZeroUnlocks(long key, long written, long vmCr) {
    SvmMachine machine = new SvmMachine();
    machine.state.vmCr = LOCK;
    machine.state.svmKey = key;

    write(machine, Msr.SVM_KEY, written);

    assertThat(machine.state.vmCr).isEqualTo(vmCr);
  }

  @ParameterizedTest(name = "EFER {0}, SVMDIS {1}: legal {2}")
  @CsvSource({
    "0x1001, false, true",
    "0x1000, true, false",
    "0x0000, true, true",
    "0x1002, false, false",
    "0x1400, false, false",
    "0x1100, false, true"
  })
  void eferRejectsWhatIsReserved(String value, boolean svmdis, boolean legal) {
    SvmMachine machine = new SvmMachine();
    machine.state.vmCr = svmdis ? SVMDIS : 0;

    assertThat(write(machine, Msr.EFER, Long.decode(value))).isEqualTo(legal);
  }

  @Test
  void lmeCannotChangeWhilePaging() {
    SvmMachine machine = new SvmMachine().long64();

    assertThat(write(machine, Msr.EFER, 0x1C00)).isFalse();
  }

  @ParameterizedTest(name = "MSR {0} value {1}: legal {2}")
  @CsvSource({
    "0xC0000082, 0x00007FFFFFFFFFFF, true",
    "0xC0000082, 0x0000800000000000, false",
    "0xC0000102, 0x0000800000000000, false",
    "0xC0000100, 0x7FFFFFFFFFFFFFFF, false",
    "0x277, 0x0007040600070406, true",
    "0x277, 0x0002040600070406, false",
    "0xC0000104, 0x0000010000000000, false",
    "0x12345678, 0, false"
  })
  void canonicalAddressesMemoryTypesAndExistenceAreChecked(
      String msr, String value, boolean legal) {
    assertThat(write(new SvmMachine(), (int) (long) Long.decode(msr), Long.decode(value)))
        .isEqualTo(legal);
  }
}
