package dev.precept.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.precept.cases.Case;
import dev.precept.cases.json.CaseReader;
import dev.precept.cases.json.Json;
import dev.precept.cases.json.MalformedMessageException;
import dev.precept.cases.json.Members;
import dev.precept.cases.json.ObservationJson;
import dev.precept.subject.CoreSubject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * The emulator core as a program of its own, behind the protocol: nothing may be lost on the way.
 */
final class CoreProgram {
  private final CaseReader reader = new CaseReader();
  private final CoreSubject core = new CoreSubject();
  private final PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);

  private CoreProgram() {}

  public static void main(String[] arguments) throws Exception {
    new CoreProgram().serve();
  }

  private void serve() throws IOException, MalformedMessageException {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      Members message = new Members("", Json.parse(line));
      String what = message.all().get(0).getKey();
      JsonNode body = message.need(what);
      switch (what) {
        case "hello" -> hello();
        case "image" -> reader.image(body);
        case "template" -> reader.template(body);
        case "case" -> run(message.object(what));
        case "end" -> {
          out.println(line);
          out.flush();
        }
        default -> throw new MalformedMessageException(what, "what is this?");
      }
    }
  }

  private void hello() {
    ObjectNode line = Json.object();
    ObjectNode hello = line.putObject("hello");
    hello.put("protocol", 1).put("name", "the core").put("version", "over there");
    hello.putArray("vendors").add("svm").add("vmx");
    out.println(Json.text(line));
    out.flush();
  }

  private void run(Members members) throws MalformedMessageException {
    Case testCase = reader.testCase(members.text("id"), members);
    ObjectNode line = Json.object();
    ObjectNode observation = line.putObject("observation");
    observation.put("number", members.count("number", 1, Integer.MAX_VALUE));
    observation.setAll(ObservationJson.write(core.run(testCase), testCase));
    members.end();
    out.println(Json.text(line));
  }
}
