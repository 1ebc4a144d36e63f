package dev.precept.cases.json;

/** Text that is no message of ours: not JSON, or JSON that says what it must not. */
public final class MalformedMessageException extends Exception {
  private static final long serialVersionUID = 1;

  /**
   * A message that is wrong at {@code path}.
   *
   * @param path where, such as {@code registers.CR0}; empty for the message as a whole
   * @param what what is wrong, for a person who has to mend it
   */
  public MalformedMessageException(String path, String what) {
    super(path.isEmpty() ? what : path + ": " + what);
  }
}
