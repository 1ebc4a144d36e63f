package dev.precept.junit;

import dev.precept.report.Result;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Passes results on in the plan's order, whatever order they come in: each as soon as all before it
 * have come.
 */
final class OrderedSink {
  private final List<String> order;
  private final ResultSink sink;
  private final Map<String, Result> waiting = new HashMap<>();
  private final List<Result> unplanned = new ArrayList<>();
  private final Map<String, Integer> places = new HashMap<>();
  private int next;

  OrderedSink(List<String> order, ResultSink sink) {
    this.order = order;
    this.sink = sink;
    for (int i = 0; i < order.size(); i++) {
      places.put(order.get(i), i);
    }
  }

  synchronized void accept(Result result) {
    if (!places.containsKey(result.id())) {
      unplanned.add(result);
      return;
    }
    waiting.put(result.id(), result);
    pass();
  }

  /** Takes results that are there before any comes. */
  synchronized void begin(List<Result> results) {
    results.forEach(result -> waiting.put(result.id(), result));
    pass();
  }

  private void pass() {
    List<Result> ready = new ArrayList<>();
    while (next < order.size()) {
      Result result = waiting.remove(order.get(next));
      if (result == null) {
        break;
      }
      ready.add(result);
      next++;
    }
    if (!ready.isEmpty()) {
      sink.acceptAll(ready);
    }
  }

  /** Planned ids without a result so far, in order. */
  synchronized List<String> missing() {
    return order.subList(next, order.size()).stream()
        .filter(id -> !waiting.containsKey(id))
        .toList();
  }

  /** Passes on what did not belong to the plan. */
  synchronized void finish() {
    unplanned.sort((one, other) -> one.id().compareTo(other.id()));
    unplanned.forEach(sink::accept);
    unplanned.clear();
  }
}
