package dev.precept.generator.render;

import dev.precept.generator.plan.PlannedCase;
import dev.precept.tables.InstructionForm;

/** Names test methods by what they claim. */
final class ClaimNames {
  private ClaimNames() {}

  /**
   * What the cases of one method have in common: the id without mode and values. {@code
   * svm/rdtsc/long64/gp.tsd.at.cpl=3} belongs to {@code gp.tsd.at.cpl}.
   */
  static String key(PlannedCase planned) {
    String tail = planned.id().substring(planned.id().lastIndexOf('/') + 1);
    StringBuilder key = new StringBuilder(tail.length());
    int from = 0;
    for (int is = tail.indexOf('='); is >= 0; is = tail.indexOf('=', from)) {
      key.append(tail, from, is);
      int comma = tail.indexOf(',', is);
      from = comma < 0 ? tail.length() : comma;
    }
    return key.append(tail, from, tail.length()).toString();
  }

  /** The method name for the cases like {@code planned}. */
  static String method(PlannedCase planned) {
    InstructionForm form = planned.form();
    String first = check(planned.first());
    String key = key(planned);
    return switch (planned.kind()) {
      case ALONE ->
          first
              + (form.order().optional(planned.first()) ? "_mayBe" : "_is")
              + (isExit(planned.first()) ? "Taken" : "Raised");
      case RETIRES -> "completes";
      case PAIR ->
          form.order().open(planned.first(), planned.second())
              ? first + "_or_" + check(planned.second())
              : first + "_precedes_" + check(planned.second());
      case EXIT_OFF ->
          key.endsWith(".delivered") ? first + "_goesThroughTheIdt" : first + "_needsItsBit";
      case EXIT_ONLY ->
          planned.first().equals(PlannedCase.NONE)
              ? "foreignBits_changeNothing"
              : first + "_needsNoOtherBit";
      case EXIT_ONE_HOT -> "noSingleForeignBit_exits";
      case HOST -> first + "_staysInTheGuest";
      case AFTER ->
          (planned.first().equals(PlannedCase.NONE) ? "completion" : first)
              + "_after_"
              + JavaText.lowerCamel(key.split("\\.")[1]);
      case CLAUSE -> first + "_dependsOn_" + JavaText.lowerCamel(afterFirst(key, planned));
      case BOUNDARY -> first + "_atEach_" + JavaText.lowerCamel(after(key, ".at."));
      case VALUE ->
          (planned.first().equals(PlannedCase.NONE) ? "completion" : first)
              + "_withAny_"
              + JavaText.lowerCamel(after(key, ".vary."));
    };
  }

  /** {@code gpTsd}, {@code rdtscIntercept}. */
  private static String check(String id) {
    return isExit(id)
        ? JavaText.lowerCamel(id.substring("exit.".length())) + "Intercept"
        : JavaText.lowerCamel(id);
  }

  private static boolean isExit(String id) {
    return id.startsWith("exit.");
  }

  private static String after(String key, String mark) {
    return key.substring(key.indexOf(mark) + mark.length());
  }

  /** The variable in {@code mcdc.CHECK.VARIABLE}; a lone exit's slug is just {@code exit}. */
  private static String afterFirst(String key, PlannedCase planned) {
    String rest = key.substring("mcdc.".length());
    String slug = rest.startsWith(planned.first() + ".") ? planned.first() : "exit";
    return rest.substring(slug.length() + 1);
  }
}
