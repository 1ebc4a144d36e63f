package dev.precept.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShareTest {
  /** 500 cases of one state, ten of 160 and five of 100. */
  private static List<Share.Item> items() {
    List<Share.Item> items = new ArrayList<>();
    for (int i = 0; i < 515; i++) {
      items.add(new Share.Item("case" + i, i % 51 == 7 ? 160 : i % 103 == 5 ? 100 : 1));
    }
    return items;
  }

  private static long cost(List<Share.Item> items, List<Integer> part) {
    return part.stream().mapToLong(i -> items.get(i).cost()).sum();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 8, 600})
  void everyItemIsInExactlyOnePart(int count) {
    List<Integer> all = new ArrayList<>();
    for (int index = 1; index <= count; index++) {
      all.addAll(new Share(index, count).of(items()));
    }

    assertThat(all).hasSize(515).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 5})
  void partsCostAboutTheSame(int count) {
    List<Share.Item> items = items();
    long fair = items.stream().mapToLong(Share.Item::cost).sum() / count;

    for (int index = 1; index <= count; index++) {
      // No part can be fairer than the dearest item allows.
      assertThat(cost(items, new Share(index, count).of(items))).isBetween(fair - 160, fair + 160);
    }
  }

  @Test
  void aPartKeepsTheOrderOfTheWhole() {
    assertThat(new Share(2, 3).of(items())).isSorted();
  }

  @Test
  void theOrderInWhichItemsComeDecidesNothing() {
    List<Share.Item> items = items();
    List<Share.Item> backwards = new ArrayList<>(items);
    java.util.Collections.reverse(backwards);

    List<String> part = new Share(1, 4).of(items).stream().map(i -> items.get(i).id()).toList();

    assertThat(new Share(1, 4).of(backwards).stream().map(i -> backwards.get(i).id()))
        .containsExactlyInAnyOrderElementsOf(part);
  }

  @Test
  void aPartThatIsNotThereIsRefused() {
    assertThatThrownBy(() -> new Share(3, 2)).isInstanceOf(IllegalArgumentException.class);
  }
}
