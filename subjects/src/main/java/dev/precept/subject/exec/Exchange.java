package dev.precept.subject.exec;

import com.fasterxml.jackson.databind.JsonNode;
import dev.precept.cases.Case;
import dev.precept.cases.Observation;
import dev.precept.cases.OutcomeKind;
import dev.precept.cases.json.Json;
import dev.precept.cases.json.MalformedMessageException;
import dev.precept.cases.json.Members;
import dev.precept.cases.json.ObservationJson;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One batch: what was asked, and what became of it. */
final class Exchange {
  private final Messages.Batch batch;
  private final Map<Integer, Observation> answers = new LinkedHashMap<>();

  /** What is wrong with an answer, by the case's number. */
  private final Map<Integer, String> wrong = new LinkedHashMap<>();

  private int again;
  private boolean ended;
  private Optional<Failure> failure = Optional.empty();

  Exchange(Messages.Batch batch) {
    this.batch = batch;
  }

  /** Sends the batch and listens until its end, or until the program is of no use any more. */
  void run(Link link, ExecLimits limits, boolean buffers) {
    link.send(batch.lines());
    long start = System.nanoTime();
    long progress = start;
    boolean alone = batch.cases().size() == 1;
    while (!ended && failure.isEmpty()) {
      long now = System.nanoTime();
      long whole = start + limits.batch().toNanos() - now;
      long silence =
          buffers && !alone ? whole : (alone ? start : progress) + limits.silence().toNanos() - now;
      Optional<Link.Event> event = link.next(Math.min(whole, silence));
      if (event.isEmpty()) {
        failure = Optional.of(link.death().orElseGet(() -> overdue(limits, whole <= silence)));
      } else if (event.get() instanceof Link.Event.Broken broken) {
        failure = Optional.of(broken.failure());
      } else if (event.get() instanceof Link.Event.Line line && hear(line.text())) {
        progress = System.nanoTime();
      }
    }
  }

  private Failure overdue(ExecLimits limits, boolean whole) {
    String time = Link.seconds(whole ? limits.batch() : limits.silence());
    if (pending().isEmpty()) {
      return Failure.misbehaved(
          "the program answered every case but did not end the batch within " + time);
    }
    return Failure.misbehaved(
        whole
            ? "the program did not end the batch within " + time
            : "the program said nothing for " + time);
  }

  /** Takes a line; returns whether it was of use. */
  private boolean hear(String line) {
    try {
      Members message = new Members("", Json.parse(line));
      Optional<JsonNode> observation = message.take("observation");
      boolean end = message.take("end").isPresent();
      message.end();
      if (end && observation.isEmpty()) {
        return end(message.object("end"));
      }
      if (observation.isPresent() && !end) {
        return answer(message.object("observation"));
      }
      breach("is neither an observation nor an end", line);
    } catch (MalformedMessageException e) {
      breach(e.getMessage(), line);
    }
    return false;
  }

  private void breach(String what, String line) {
    failure =
        Optional.of(
            Failure.misbehaved(
                "the program said a line that " + told(what) + ": " + Members.shown(line)));
  }

  private static String told(String what) {
    return what.startsWith("is ") ? what : "is wrong (" + what + ")";
  }

  private boolean end(Members end) throws MalformedMessageException {
    int number = end.count("batch", 0, Integer.MAX_VALUE);
    end.end();
    if (number != batch.number()) {
      failure =
          Optional.of(
              Failure.misbehaved(
                  "the program ended batch " + number + " in batch " + batch.number()));
      return false;
    }
    for (int unanswered : pending().keySet()) {
      wrong.put(unanswered, "the program ended the batch without an answer");
    }
    ended = true;
    return true;
  }

  private boolean answer(Members members) throws MalformedMessageException {
    int number = members.count("number", 0, Integer.MAX_VALUE);
    Case testCase = batch.cases().get(number);
    if (testCase == null) {
      failure =
          Optional.of(
              Failure.misbehaved(
                  "the program answered number " + number + ", which was not asked"));
      return false;
    }
    if (answers.remove(number) != null || wrong.containsKey(number)) {
      wrong.put(number, "the program answered twice");
      if (++again > batch.cases().size()) {
        failure =
            Optional.of(Failure.misbehaved("the program goes on answering what it has answered"));
      }
      return false;
    }
    try {
      Observation seen = ObservationJson.read(members, testCase);
      members.end();
      answers.put(number, seen);
    } catch (MalformedMessageException e) {
      wrong.put(number, "the program's answer is wrong: " + e.getMessage());
    }
    return true;
  }

  /** Cases that were neither answered nor spoilt, by number. */
  private Map<Integer, Case> pending() {
    Map<Integer, Case> pending = new LinkedHashMap<>();
    batch
        .cases()
        .forEach(
            (number, testCase) -> {
              if (!answers.containsKey(number) && !wrong.containsKey(number)) {
                pending.put(number, testCase);
              }
            });
    return pending;
  }

  /** A case without a usable answer, and why. */
  record Unanswered(Case testCase, Failure why) {}

  /** Why the program is of no use any more, if it is not. */
  Optional<Failure> failure() {
    return failure;
  }

  /**
   * Answers that count. A program that says it all but does not end the batch may have said more:
   * of that one none do.
   */
  List<Observation> answers() {
    return endless() ? List.of() : List.copyOf(answers.values());
  }

  private boolean endless() {
    return failure.isPresent()
        && failure.get().kind() == OutcomeKind.NO_ANSWER
        && pending().isEmpty();
  }

  /** All other cases. */
  List<Unanswered> unanswered() {
    List<Unanswered> unanswered = new ArrayList<>();
    batch
        .cases()
        .forEach(
            (number, testCase) -> {
              if (wrong.containsKey(number)) {
                unanswered.add(new Unanswered(testCase, Failure.misbehaved(wrong.get(number))));
              } else if (!answers.containsKey(number) || endless()) {
                unanswered.add(new Unanswered(testCase, failure.orElseThrow()));
              }
            });
    return unanswered;
  }
}
