package dev.precept.cases;

import java.util.BitSet;
import java.util.function.Predicate;

/**
 * A pattern over case ids: {@code *} is any text, slashes included, {@code ?} any one character;
 * everything else is itself.
 */
public final class CaseGlob implements Predicate<String> {
  private final String glob;

  /** The pattern {@code glob}. */
  public CaseGlob(String glob) {
    this.glob = glob;
  }

  @Override
  public boolean test(String id) {
    return after(id).get(glob.length());
  }

  /** Whether some id that begins with {@code prefix} could match. */
  public boolean couldMatch(String prefix) {
    return !after(prefix).isEmpty();
  }

  /** Positions in the glob that are reached when {@code text} has been read. */
  private BitSet after(String text) {
    BitSet positions = new BitSet();
    reach(positions, 0);
    for (int i = 0; i < text.length(); i++) {
      BitSet moved = new BitSet();
      for (int at = positions.nextSetBit(0); at >= 0; at = positions.nextSetBit(at + 1)) {
        if (at == glob.length()) {
          continue;
        }
        char c = glob.charAt(at);
        if (c == '*') {
          reach(moved, at);
        } else if (c == '?' || c == text.charAt(i)) {
          reach(moved, at + 1);
        }
      }
      positions = moved;
    }
    return positions;
  }

  private void reach(BitSet positions, int from) {
    int at = from;
    positions.set(at);
    while (at < glob.length() && glob.charAt(at) == '*') {
      positions.set(++at);
    }
  }
}
