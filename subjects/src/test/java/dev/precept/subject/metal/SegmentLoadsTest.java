package dev.precept.subject.metal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.cases.Case;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which cases may well load segments, descriptor tables or MSRs, by their bytes. */
class SegmentLoadsTest {
  private static Case of(String code) {
    byte[] bytes = HexFormat.of().parseHex(code);
    int[] values = new int[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      values[i] = bytes[i] & 0xFF;
    }
    return HandMade.of(code, values).vmx(Map.of());
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    "CPUID, 0FA2",
    "REP OUTSB with a segment prefix, F32E6E",
    "MOV to CR0, 0F22C0",
    "SGDT, 0F010600",
    "SIDT, 0F010E00",
    "LMSW, 0F0130",
    "VMCALL, 0F01C1",
    "SLDT, 0F00C0",
    "VMPTRLD, 0FC730"
  })
  void theseLeaveThemAlone(String name, String code) {
    assertThat(SegmentLoads.may(of(code))).isFalse();
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    "MOV to DS, 8ED8",
    "POP DS behind a prefix, 661F",
    "LDS, C500",
    "LSS, 0FB200",
    "IRET, CF",
    "INT n, CD30",
    "WRMSR, 0F30",
    "LGDT, 0F0110",
    "LIDT, 0F0118",
    "SWAPGS, 0F01F8",
    "LLDT, 0F00D0",
    "LTR, 0F00D8",
    "nothing known, D8C0"
  })
  void theseMayLoadThem(String name, String code) {
    assertThat(SegmentLoads.may(of(code))).isTrue();
  }
}
