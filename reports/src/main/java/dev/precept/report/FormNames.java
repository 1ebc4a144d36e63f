package dev.precept.report;

/**
 * Names of results' forms. Results come form by form, so most have the last one's: neither the name
 * nor its hash is made again.
 */
final class FormNames {
  private final String separator;
  private String vendor = "";
  private String instruction = "";
  private String form = "";
  private String last = "";

  /**
   * Names that put {@code separator} behind the vendor.
   *
   * @param separator such as {@code /}
   */
  FormNames(String separator) {
    this.separator = separator;
  }

  /** Name of the form of {@code result}, such as {@code svm/lmsw.mem}. */
  String of(Result result) {
    if (last.isEmpty()
        || !result.form().equals(form)
        || !result.instruction().equals(instruction)
        || !result.vendor().equals(vendor)) {
      vendor = result.vendor();
      instruction = result.instruction();
      form = result.form();
      last = vendor + separator + result.formId();
    }
    return last;
  }
}
