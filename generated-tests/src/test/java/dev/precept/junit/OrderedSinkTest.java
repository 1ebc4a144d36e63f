package dev.precept.junit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.cases.Verdict;
import dev.precept.report.Reproducer;
import dev.precept.report.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class OrderedSinkTest {
  private final List<String> seen = new ArrayList<>();
  private final OrderedSink sink =
      new OrderedSink(
          Stream.of("a", "b", "c").map(OrderedSink.Place::awaited).toList(),
          result -> seen.add(result.id()));

  @Test
  void resultsComeOutInThePlansOrder() {
    sink.accept(result("c"));
    sink.accept(result("a"));
    sink.accept(result("b"));

    assertThat(seen).containsExactly("a", "b", "c");
  }

  @Test
  void aResultIsNotHeldBackWithoutNeed() {
    sink.accept(result("a"));

    assertThat(seen).containsExactly("a");
  }

  @Test
  void whatDidNotComeIsMissing() {
    sink.accept(result("b"));

    assertThat(sink.missing()).containsExactly("a", "c");
  }

  @Test
  void whatIsThereBeforeFillsItsPlaces() {
    OrderedSink some =
        new OrderedSink(
            List.of(
                OrderedSink.Place.of(result("a")),
                OrderedSink.Place.awaited("b"),
                OrderedSink.Place.of(result("c"))),
            result -> seen.add(result.id()));

    some.begin();
    assertThat(seen).containsExactly("a");
    some.accept(result("b"));

    assertThat(seen).containsExactly("a", "b", "c");
    assertThat(some.missing()).isEmpty();
  }

  @Test
  void aSecondResultOfACaseIsNotPassedOn() {
    sink.accept(result("a"));
    sink.accept(result("a"));
    sink.accept(result("b"));

    assertThat(seen).containsExactly("a", "b");
  }

  @Test
  void whatWasNotPlannedComesLast() {
    sink.accept(result("z"));
    sink.accept(result("a"));
    sink.finish();

    assertThat(seen).containsExactly("a", "z");
  }

  private static Result result(String id) {
    return new Result(
        id,
        "core",
        "svm",
        "i",
        "",
        "long64",
        "pair",
        "",
        Verdict.HOLDS,
        "",
        "",
        "",
        "",
        "",
        "",
        List.of(),
        "",
        Reproducer.NONE,
        "",
        "",
        "",
        "",
        0);
  }
}
