package dev.precept.subject.exec;

import dev.precept.cases.Case;
import dev.precept.cases.Context;
import dev.precept.cases.FeatureBit;
import dev.precept.cases.json.MalformedMessageException;
import dev.precept.cases.json.Members;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What a program says of itself.
 *
 * @param name its name
 * @param version its version
 * @param vendors vendors whose cases it runs
 * @param contexts contexts it runs cases in
 * @param cannot CPUID bits that it cannot have so
 * @param batch most cases it takes in a batch
 * @param buffers whether it may hold its answers until the batch's end
 */
record Hello(
    String name,
    String version,
    List<String> vendors,
    Set<Context> contexts,
    List<FeatureBit> cannot,
    int batch,
    boolean buffers) {
  /** Version of the protocol. */
  static final int PROTOCOL = 1;

  private static final int MOST = 4096, USUAL = 256, LONGEST = 100;

  /**
   * The hello that {@code members} are.
   *
   * @throws MalformedMessageException also if it is of another version of the protocol
   */
  static Hello read(Members members) throws MalformedMessageException {
    int protocol = members.count("protocol", 0, Integer.MAX_VALUE);
    if (protocol != PROTOCOL) {
      throw new MalformedMessageException(
          "", "speaks version " + protocol + " of the protocol; this Precept speaks " + PROTOCOL);
    }
    Hello hello =
        new Hello(
            word(members, "name"),
            word(members, "version"),
            vendors(members),
            contexts(members),
            members.features("cannot"),
            members.count("batch", 1, MOST, USUAL),
            members.flag("buffers", false));
    members.end();
    return hello;
  }

  private static String word(Members members, String name) throws MalformedMessageException {
    String text = members.text(name).strip();
    if (text.isEmpty() || text.length() > LONGEST || text.matches(".*\\p{Cntrl}.*")) {
      throw new MalformedMessageException(
          members.path(name), "1 to " + LONGEST + " characters of one line have to be here");
    }
    return text;
  }

  private static List<String> vendors(Members members) throws MalformedMessageException {
    members.need("vendors");
    List<String> vendors = members.texts("vendors");
    if (vendors.isEmpty()) {
      throw new MalformedMessageException(members.path("vendors"), "are none");
    }
    return List.copyOf(vendors);
  }

  private static Set<Context> contexts(Members members) throws MalformedMessageException {
    if (members.take("contexts").isEmpty()) {
      return EnumSet.allOf(Context.class);
    }
    Set<Context> contexts = EnumSet.noneOf(Context.class);
    for (String word : members.texts("contexts")) {
      switch (word) {
        case "guest" -> contexts.add(Context.GUEST);
        case "host" -> contexts.add(Context.HOST);
        default ->
            throw new MalformedMessageException(
                members.path("contexts"), "guest and host may be here, and nothing else");
      }
    }
    if (contexts.isEmpty()) {
      throw new MalformedMessageException(members.path("contexts"), "are none");
    }
    return contexts;
  }

  /** Why the program cannot run {@code testCase}, known before it is sent; or nothing. */
  Optional<String> objection(Case testCase) {
    if (!vendors.contains(testCase.vendor())) {
      return Optional.of(name + " runs cases of " + String.join(", ", vendors) + " only");
    }
    if (!contexts.contains(testCase.context())) {
      return Optional.of(
          name
              + " runs no cases "
              + (testCase.context() == Context.GUEST ? "in a guest" : "outside guests"));
    }
    return testCase.features().stream()
        .filter(cannot::contains)
        .findFirst()
        .map(
            bit ->
                String.format(
                    Locale.ROOT,
                    "%s cannot have CPUID %08Xh.%Xh %s bit %d %s",
                    name,
                    bit.leaf(),
                    bit.subleaf(),
                    List.of("EAX", "EBX", "ECX", "EDX").get(bit.register()),
                    bit.bit(),
                    bit.present() ? "set" : "clear"));
  }
}
