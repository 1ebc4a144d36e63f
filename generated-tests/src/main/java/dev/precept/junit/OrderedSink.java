package dev.precept.junit;

import dev.precept.report.Result;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Passes results on in the plan's order, whatever order they come in: each as soon as all before it
 * have come.
 */
final class OrderedSink {
  private final List<String> order;
  private final ResultSink sink;

  /** What has come and was not passed on, each at its place in the order. */
  private final Result[] waiting;

  private final List<Result> unplanned = new ArrayList<>();
  private final Map<String, Integer> places;
  private int next;

  OrderedSink(List<String> order, ResultSink sink) {
    this.order = order;
    this.sink = sink;
    this.waiting = new Result[order.size()];
    this.places = new HashMap<>(2 * order.size());
    for (int i = 0; i < order.size(); i++) {
      places.put(order.get(i), i);
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

  /** Takes results that are there before any comes. */
  synchronized void begin(List<Result> results) {
    results.forEach(result -> waiting[places.get(result.id())] = result);
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
        .mapToObj(order::get)
        .toList();
  }

  /** Passes on what did not belong to the plan. */
  synchronized void finish() {
    unplanned.sort((one, other) -> one.id().compareTo(other.id()));
    unplanned.forEach(sink::accept);
    unplanned.clear();
  }
}
