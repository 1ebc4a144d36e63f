package dev.precept.tables.expr;

import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Expressions for properties, from a fixed seed. */
final class RandomExpressions {
  private static final List<String> OPERATORS =
      List.of(
          "->", "||", "&&", "|", "^", "&", "==", "!=", "<", "<=", ">", ">=", "<<", ">>", "+", "-",
          "*");

  private final Random random;
  private final List<String> names;
  private final boolean undefined;

  RandomExpressions(long seed, List<String> names, boolean undefined) {
    this.random = new Random(seed);
    this.names = names;
    this.undefined = undefined;
  }

  Expr next(int depth) {
    if (depth == 0) {
      return leaf();
    }
    Supplier<Expr> part = () -> next(random.nextInt(depth));
    return switch (random.nextInt(10)) {
      case 0 -> leaf();
      case 1 -> new Expr.Unary(pick(List.of("!", "~", "-")), part.get());
      case 2 -> new Expr.Choice(part.get(), part.get(), part.get());
      case 3 -> {
        int high = random.nextInt(64);
        yield new Expr.Bits(part.get(), high, random.nextInt(high + 1));
      }
      case 4, 5 ->
          new Expr.In(part.get(), Stream.generate(part).limit(1 + random.nextInt(3)).toList());
      default -> new Expr.Binary(pick(OPERATORS), part.get(), part.get());
    };
  }

  private Expr leaf() {
    int kind = random.nextInt(undefined ? 4 : 3);
    if (kind == 0) {
      return new Expr.Num(random.nextBoolean() ? random.nextInt(6) : random.nextLong());
    }
    return kind == 3 ? new Expr.Undefined() : new Expr.Name(pick(names));
  }

  private String pick(List<String> choices) {
    return choices.get(random.nextInt(choices.size()));
  }
}
