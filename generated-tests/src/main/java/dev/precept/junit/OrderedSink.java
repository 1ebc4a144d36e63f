package dev.precept.junit;

import dev.precept.report.Result;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Passes results on in the plan's order, whatever order they come in: each as soon as all before it
 * have come.
 */
final class OrderedSink {
  /**
   * Where a result belongs.
   *
   * @param id the case's
   * @param known the result, where it is there from the beginning
   */
  record Place(String id, Optional<Result> known) {
    /** The place of a result that will come. */
    static Place awaited(String id) {
      return new Place(id, Optional.empty());
    }

    /** The place of {@code result}, which is there. */
    static Place of(Result result) {
      return new Place(result.id(), Optional.of(result));
    }
  }

  private final List<Place> order;
  private final ResultSink sink;

  /** What has come and was not passed on, each at its place in the order. */
  private final Result[] waiting;

  private final List<Result> unplanned = new ArrayList<>();

  /** Of what is not there from the beginning. */
  private final Map<String, Integer> places = new HashMap<>();

  private int next;

  OrderedSink(List<Place> order, ResultSink sink) {
    this.order = order;
    this.sink = sink;
    this.waiting = new Result[order.size()];
    for (int i = 0; i < waiting.length; i++) {
      Place place = order.get(i);
      if (place.known().isPresent()) {
        waiting[i] = place.known().get();
      } else {
        places.put(place.id(), i);
      }
    }
  }

  synchronized void accept(Result result) {
    Integer place = places.get(result.id());
    if (place == null) {
      unplanned.add(result);
    } else if (place >= next) {
      waiting[place] = result;
      pass();
    }
  }

  /** Passes on what is there before anything comes. */
  synchronized void begin() {
    pass();
  }

  private void pass() {
    List<Result> ready = new ArrayList<>();
    while (next < waiting.length && waiting[next] != null) {
      ready.add(waiting[next]);
      waiting[next] = null;
      next++;
    }
    if (!ready.isEmpty()) {
      sink.acceptAll(ready);
    }
  }

  /** Planned ids without a result so far, in order. */
  synchronized List<String> missing() {
    return IntStream.range(next, waiting.length)
        .filter(place -> waiting[place] == null)
        .mapToObj(place -> order.get(place).id())
        .toList();
  }

  /** Passes on what did not belong to the plan. */
  synchronized void finish() {
    unplanned.sort((one, other) -> one.id().compareTo(other.id()));
    unplanned.forEach(sink::accept);
    unplanned.clear();
  }
}
