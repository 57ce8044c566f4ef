// A servlet container that tells, for each request that reaches its application, by which door it
// came and what the application believes that it was asked.

import jakarta.servlet.http.*;
import java.io.*;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.util.*;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;

public class Witness {
    static class Teller extends HttpServlet {
        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response)
                throws IOException {
            int body = request.getInputStream().readAllBytes().length;
            synchronized (System.out) {
                System.out.println(request.getLocalPort() + " " + request.getMethod() + " "
                    + request.getRequestURI().replace(' ', '_') + " " + body);
                System.out.flush();
            }
            response.setContentType("text/plain");
            response.getWriter().print("ok");
        }
    }

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(folder.toString());
        List<Connector> doors = new ArrayList<>();
        for (int number = 0; number < 3; number++) {
            Connector door = new Connector();
            door.setPort(0);
            door.setProperty("address", "127.0.0.1");
            tomcat.setConnector(door);
            doors.add(door);
        }
        Context root = tomcat.addContext("", folder.toString());
        Tomcat.addServlet(root, "teller", new Teller());
        root.addServletMappingDecoded("/", "teller");
        tomcat.start();
        StringBuilder ports = new StringBuilder("ports");
        for (Connector door : doors) {
            ports.append(" ").append(door.getLocalPort());
        }
        System.out.println(ports);
        System.out.flush();
        System.in.read();
        System.exit(0);
    }
}
