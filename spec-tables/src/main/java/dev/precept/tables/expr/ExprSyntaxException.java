package dev.precept.tables.expr;

/** An expression that is not one. */
public final class ExprSyntaxException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int offset;

  /**
   * @param offset where in the text, in characters from 0
   * @param message what is wrong, without the place
   */
  public ExprSyntaxException(int offset, String message) {
    super(message);
    this.offset = offset;
  }

  /** Where in the text, in characters from 0. */
  public int offset() {
    return offset;
  }
}
