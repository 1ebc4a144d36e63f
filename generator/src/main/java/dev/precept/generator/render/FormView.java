package dev.precept.generator.render;

import java.util.List;

/**
 * A generated test class as the template sees it: every text is ready to be put in as it is.
 *
 * @param packageName such as {@code dev.precept.generated.svm}
 * @param name class name without {@code Test} or {@code Properties}
 * @param vendor string literal
 * @param form string literal of the form's id
 * @param heading Javadoc: mnemonic and encoding
 * @param paragraphs Javadoc: what is claimed and where it is written
 * @param methods one a claim
 */
public record FormView(
    String packageName,
    String name,
    String vendor,
    String form,
    String heading,
    List<String> paragraphs,
    List<MethodView> methods) {

  /**
   * A test method.
   *
   * @param claim Javadoc: the claim, a sentence
   * @param expect Javadoc: what must happen
   * @param citation Javadoc: source and table row
   * @param kind string literal, as are all that follow
   * @param rows a literal for each case
   */
  public record MethodView(
      String name,
      String claim,
      String expect,
      String citation,
      String kind,
      String claimText,
      String expectText,
      String first,
      String second,
      String source,
      String row,
      String reveals,
      List<String> rows) {}
}
