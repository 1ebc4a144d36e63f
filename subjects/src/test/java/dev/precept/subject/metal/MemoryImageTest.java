package dev.precept.subject.metal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.cases.Case;
import dev.precept.cases.Layout;
import dev.precept.cases.MemoryPatch;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What of a case's memory goes to the runner. */
class MemoryImageTest {
  private static final long PLACE = Layout.CODE + 0x7000;

  private static Case holding(int value) {
    return HandMade.of("holds " + value, 0x90).memory(PLACE, value).build();
  }

  /** Words of 8 bytes as the runner would have them at the end. */
  private static long at(MemoryImage image, Case... cases) {
    byte[] memory = image.bytes();
    image.begin();
    for (Case one : cases) {
      for (MemoryPatch patch : image.differences(one)) {
        int to = (int) (patch.address() - Layout.START);
        System.arraycopy(patch.bytes(), 0, memory, to, patch.bytes().length);
      }
    }
    return memory[(int) (PLACE - Layout.START)];
  }

  @Test
  void aCaseLikeTheOneBeforeBringsNothing() {
    MemoryImage image = new MemoryImage(0, holding(1));
    image.begin();

    assertThat(image.differences(holding(2))).hasSize(1);
    assertThat(image.differences(holding(2))).isEmpty();
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(longs = {0, 8})
  void nothingGoesOnIntoThePageOfAnotherVmcs(long within) {
    long region = Layout.OTHER_CONTROL_BLOCK;
    Case one = HandMade.of("both", 0x90).memory(region - 8, 1).memory(region + within, 1).build();
    MemoryImage image = new MemoryImage(0, holding(1));
    image.begin();

    assertThat(image.differences(one))
        .extracting(MemoryPatch::address)
        .contains(region - 8, region + within);
  }

  @Test
  void whatTheCaseBeforeHadAndThisOneHasNotGoesBackToTheBase() {
    MemoryImage image = new MemoryImage(0, holding(1));

    assertThat(at(image, holding(2), HandMade.of("plain", 0x90).build())).isZero();
  }

  @Test
  void afterwardsTheImageIsWhereItBegins() {
    MemoryImage image = new MemoryImage(0, holding(1));

    assertThat(at(image, holding(2), holding(3))).isEqualTo(3);
    assertThat(at(image, holding(2))).isEqualTo(2);
    assertThat(at(image, holding(1))).isEqualTo(1);
    assertThat(List.of(at(image), at(image, holding(1)))).containsOnly(1L);
  }
}
