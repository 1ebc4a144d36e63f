package dev.precept.subject.metal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which cases need an alarm. */
class WaitingTest {
  @Test
  void hltAndMwaitMayWaitWhateverTheirPrefixes() {
    assertThat(Waiting.may(HandMade.of("hlt", 0xF4).build())).isTrue();
    assertThat(Waiting.may(HandMade.of("lock hlt", 0xF0, 0xF4).build())).isTrue();
    assertThat(Waiting.may(HandMade.of("mwait", 0x66, 0x0F, 0x01, 0xC9).build())).isTrue();
    assertThat(Waiting.may(HandMade.of("mwaitx", 0x48, 0x0F, 0x01, 0xFB).build())).isTrue();
  }

  /** An alarm comes as an NMI, which a case without one can well do without. */
  @Test
  void anInstructionThatOnlyEndsLikeOneDoesNot() {
    assertThat(Waiting.may(HandMade.of("lmsw sp", 0x0F, 0x01, 0xF4).build())).isFalse();
    assertThat(Waiting.may(HandMade.of("in", 0xE4, 0xF4).build())).isFalse();
    assertThat(Waiting.may(HandMade.of("push", 0x66, 0x68, 0, 0x0F, 0x01, 0xC9).build())).isFalse();
  }

  @Test
  void aGuestThatAnNmiIsInjectedIntoNeedsNoOther() {
    assertThat(Waiting.may(HandMade.of("nmi", 0xF4).injecting(0x8000_0202L).build())).isFalse();
    assertThat(Waiting.may(HandMade.of("#UD", 0xF4).injecting(0x8000_0306L).build())).isTrue();
    assertThat(Waiting.may(HandMade.of("not valid", 0xF4).injecting(0x202).build())).isTrue();
    assertThat(Waiting.may(HandMade.of("hlt", 0xF4).vmx(Map.of(0x4016, 0x8000_0202L)))).isFalse();
  }
}
