package dev.precept.core.svm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** IOPM and MSRPM (APM vol. 2, 15.10, 15.11, table 15-8, figure 15-2). */
class PermissionMapTest {
  /** Bit of the map, port, IN or OUT at an operand size of 1, 2, 4 bytes, and whether it exits. */
  @ParameterizedTest(name = "bit {0} set, port {1}, {2}: exit {3}")
  @CsvSource({
    "0, 0, EC, true",
    "1, 0, EC, false",
    "1, 0, 66ED, true",
    "2, 0, 66ED, false",
    "3, 0, ED, true",
    "4, 0, ED, false",
    "7, 7, EE, true",
    "8, 7, EE, false",
    "8, 7, 66EF, true",
    "9, 6, EF, true",
    "10, 6, EF, false",
    "65535, 65535, EC, true",
    "65536, 65535, EC, false",
    "65536, 65535, 66ED, true",
    "65538, 65535, ED, true",
    "0, 65535, ED, false"
  })
  void everyByteOfAnAccessIsLookedUp(int bit, int port, String code, boolean exits) {
    SvmMachine machine = new SvmMachine().code(code).intercept(ExitCode.VMEXIT_IOIO);
    machine.memory.write8(SvmMachine.IOPM + bit / 8, 1 << bit % 8);
    machine.state.gpr[2] = port;

    machine.run();

    assertThat(machine.inGuest()).isEqualTo(!exits);
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    // PORT 31:16, SEG 12:10, A64 A32 A16 9:7, SZ32 SZ16 SZ8 6:4, REP 3, STR 2, TYPE 0
    "EC, 0x03F80111",
    "EE, 0x03F80110",
    "66ED, 0x03F80121",
    "ED, 0x03F80141",
    "67EF, 0x03F800C0",
    "6C, 0x03F80115",
    "6E, 0x03F80D14",
    "F36F, 0x03F80D4C",
    "F3666D, 0x03F8012D",
    "646E, 0x03F81114",
    "2E6E, 0x03F80514"
  })
  void exitInfo1DescribesTheAccess(String code, String info) {
    SvmMachine machine = new SvmMachine().code(code).intercept(ExitCode.VMEXIT_IOIO);
    machine.memory.write8(SvmMachine.IOPM + 0x3F8 / 8, 0xFF);
    machine.state.gpr[2] = 0x3F8;
    machine.state.gpr[1] = 1;
    machine.state.gpr[6] = SvmMachine.DATA;
    machine.state.gpr[7] = SvmMachine.DATA;
    machine.state.fs.set(0x10, 0xC93, 0xFFFF_FFFFL, 0);

    machine.run();

    assertThat(machine.exitCode()).isEqualTo(ExitCode.VMEXIT_IOIO);
    assertThat(machine.info1()).isEqualTo(Long.decode(info));
    assertThat(machine.info2()).isEqualTo(SvmMachine.GUEST_CODE + code.length() / 2);
  }

  @ParameterizedTest(name = "MSR {0}: byte {1}")
  @CsvSource({
    "00000000, 0",
    "00001FFF, 7FF",
    "C0000000, 800",
    "C0001FFF, FFF",
    "C0010000, 1000",
    "C0011FFF, 17FF"
  })
  void eachRangeEndHasItsTwoBits(String msr, String at) {
    int offset = Integer.parseInt(at, 16);
    int shift = 2 * (Integer.parseUnsignedInt(msr, 16) & 3);

    assertThat(exits(msr, "0F32", offset, 1 << shift)).as("read bit").isTrue();
    assertThat(exits(msr, "0F30", offset, 2 << shift)).as("write bit").isTrue();
    assertThat(exits(msr, "0F32", offset, ~(1 << shift))).as("all but the read bit").isFalse();
    assertThat(exits(msr, "0F30", offset, ~(2 << shift))).as("all but the write bit").isFalse();
  }

  @ParameterizedTest(name = "MSR {0}")
  @CsvSource({"00002000", "BFFFFFFF", "C0002000", "C000FFFF", "C0012000", "FFFFFFFF"})
  void msrOutsideTheRangesAlwaysExits(String msr) {
    assertThat(exits(msr, "0F32", 0, 0)).isTrue();
    assertThat(exits(msr, "0F30", 0, 0)).isTrue();
  }

  @Test
  void nothingExitsWhileMsrProtIsClear() {
    SvmMachine machine = new SvmMachine().code("0F32");
    machine.memory.write8(SvmMachine.MSRPM + 0x820, 0xFF);
    machine.state.gpr[1] = 0xC000_0080L;

    machine.run();

    assertThat(machine.inGuest()).isTrue();
  }

  @Test
  void exitInfo1TellsWritesFromReads() {
    SvmMachine write = new SvmMachine().code("0F30").intercept(ExitCode.VMEXIT_MSR);
    write.state.gpr[1] = 0x2000;
    write.run();
    SvmMachine read = new SvmMachine().code("0F32").intercept(ExitCode.VMEXIT_MSR);
    read.state.gpr[1] = 0x2000;
    read.run();

    assertThat(write.info1()).isEqualTo(1);
    assertThat(read.info1()).isZero();
  }

  /** Whether the MSR intercept is taken; an MSR that does not exist raises an intercepted #GP. */
  private static boolean exits(String msr, String code, int offset, int bits) {
    SvmMachine machine = new SvmMachine().code(code).intercept(ExitCode.VMEXIT_MSR);
    machine.memory.write8(SvmMachine.MSRPM + offset, bits);
    machine.state.gpr[1] = Long.parseLong(msr, 16);
    machine.run();
    return !machine.inGuest() && machine.exitCode() == ExitCode.VMEXIT_MSR;
  }
}
