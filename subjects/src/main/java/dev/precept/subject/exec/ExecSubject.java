package dev.precept.subject.exec;

import dev.precept.cases.Case;
import dev.precept.cases.Observation;
import dev.precept.cases.OutcomeKind;
import dev.precept.subject.Subject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A program that runs cases. It is started when there is something to ask, and again when it has
 * failed; a case that it held then is tried once more, alone.
 */
final class ExecSubject implements Subject {
  private final ExecSubjects command;
  private final ProgramLog log;

  /** The program that runs now. */
  private record Running(Link link, Hello hello, Messages messages) {}

  private Optional<Running> running = Optional.empty();

  ExecSubject(ExecSubjects command, ProgramLog log) {
    this.command = command;
    this.log = log;
  }

  @Override
  public String name() {
    return command.name();
  }

  @Override
  public String version() {
    return command.hello().name() + " " + command.hello().version();
  }

  @Override
  public void run(List<Case> batch, Consumer<Observation> observations) {
    List<Case> able = new ArrayList<>();
    for (Case testCase : batch) {
      Optional<String> objection = command.hello().objection(testCase);
      if (objection.isPresent()) {
        observations.accept(
            Observation.unanswered(testCase.id(), OutcomeKind.NOT_APPLICABLE, objection.get()));
      } else {
        able.add(testCase);
      }
    }
    int size = Math.min(command.hello().batch(), command.limits().cases());
    for (int from = 0; from < able.size(); from += size) {
      List<Case> some = able.subList(from, Math.min(able.size(), from + size));
      Optional<String> exhausted = command.patience().exhausted();
      if (exhausted.isPresent()) {
        Failure why = Failure.misbehaved("not sent " + exhausted.get());
        some.forEach(testCase -> tell(testCase, why, "", observations));
        continue;
      }
      for (Exchange.Unanswered one : exchange(some, observations)) {
        retry(one, observations);
      }
    }
  }

  /** Tries a case once more, alone, and says what came of it in any event. */
  private void retry(Exchange.Unanswered first, Consumer<Observation> observations) {
    Case testCase = first.testCase();
    Optional<String> exhausted = command.patience().exhausted();
    if (exhausted.isPresent()) {
      tell(testCase, first.why(), "; not tried again " + exhausted.get(), observations);
      return;
    }
    for (Exchange.Unanswered second : exchange(List.of(testCase), observations)) {
      String words = log.lastWords();
      tell(
          testCase,
          second.why(),
          "; tried twice, the second time alone"
              + (words.isEmpty() ? "" : "; its last words: " + words),
          observations);
    }
  }

  private static void tell(
      Case testCase, Failure why, String more, Consumer<Observation> observations) {
    observations.accept(Observation.unanswered(testCase.id(), why.kind(), why.reason() + more));
  }

  /** Sends a batch; returns what of it has no answer that counts. */
  private List<Exchange.Unanswered> exchange(List<Case> batch, Consumer<Observation> observations) {
    try {
      Running now = start();
      Exchange exchange = new Exchange(now.messages().batch(batch));
      exchange.run(now.link(), command.limits(), now.hello().buffers());
      List<Observation> answers = exchange.answers();
      if (!answers.isEmpty()) {
        command.patience().answered();
      }
      if (exchange.failure().isPresent()) {
        fail(exchange.failure().get());
      }
      answers.forEach(observations);
      return exchange.unanswered();
    } catch (Link.BrokenException e) {
      fail(e.failure());
      return all(batch, e.failure());
    }
  }

  private static List<Exchange.Unanswered> all(List<Case> batch, Failure why) {
    return batch.stream().map(testCase -> new Exchange.Unanswered(testCase, why)).toList();
  }

  private void fail(Failure failure) {
    command.patience().failed(failure);
    running.ifPresent(now -> now.link().abort());
    running = Optional.empty();
  }

  private Running start() throws Link.BrokenException {
    if (running.isEmpty()) {
      Link link;
      try {
        link = Link.start(command.words(), command.limits(), log);
      } catch (IOException e) {
        throw new Link.BrokenException(
            Failure.hopeless("the program cannot be started: " + e.getMessage()));
      }
      try {
        Hello hello = link.hello(command.limits(), command.precept());
        running = Optional.of(new Running(link, hello, new Messages()));
      } catch (Link.BrokenException e) {
        link.abort();
        throw e;
      }
    }
    return running.get();
  }

  @Override
  public void close() {
    running.ifPresent(now -> now.link().close());
    running = Optional.empty();
  }
}
