package dev.precept.junit;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * One of several parts of a run's cases that cost about the same: all cases, dearest first, are
 * dealt out like cards, to and fro. The same tables and options always give the same parts.
 *
 * @param index from 1 to {@code count}
 * @param count number of parts
 */
public record Share(int index, int count) {
  /** All of it. */
  public static final Share WHOLE = new Share(1, 1);

  /** Checks the numbers. */
  public Share {
    if (index < 1 || index > count) {
      throw new IllegalArgumentException("part " + index + " of " + count);
    }
  }

  /** Whether it is all there is. */
  public boolean whole() {
    return count == 1;
  }

  /**
   * Something to be dealt out.
   *
   * @param id identity, unique
   * @param cost about how many states it runs
   */
  record Item(String id, long cost) {}

  /** Indices of those of {@code items} that belong to this part, ascending. */
  List<Integer> of(List<Item> items) {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < items.size(); i++) {
      order.add(i);
    }
    order.sort(
        Comparator.comparing((Integer i) -> -items.get(i).cost())
            .thenComparing(i -> items.get(i).id()));
    List<Integer> own = new ArrayList<>();
    for (int dealt = 0; dealt < order.size(); dealt++) {
      int place = dealt % count;
      boolean back = dealt / count % 2 == 1;
      if ((back ? count - 1 - place : place) == index - 1) {
        own.add(order.get(dealt));
      }
    }
    own.sort(Comparator.naturalOrder());
    return own;
  }
}
