/* What canned.c says: the answers of a WinRM service, with places for ids. */
#ifndef CANNED_SOAP_H
#define CANNED_SOAP_H

#define NS_SHELL       "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
#define NS_TRANSFER    "http://schemas.xmlsoap.org/ws/2004/09/transfer"
#define NS_ENUMERATION "http://schemas.xmlsoap.org/ws/2004/09/enumeration"
#define BEGIN(action)                                                                              \
    "<s:Envelope xml:lang=\"en-US\" xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\""           \
    " xmlns:a=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\" xmlns:x=\"" NS_TRANSFER "\""    \
    " xmlns:w=\"http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd\" xmlns:rsp=\"" NS_SHELL "\""       \
    " xmlns:p=\"http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd\"><s:Header><a:Action>" action \
    "</a:Action>"                                                                                  \
    "<a:MessageID>uuid:%s</a:MessageID>"                                                           \
    "<a:To>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:To>"                 \
    "<a:RelatesTo>%.*s</a:RelatesTo></s:Header>"
#define END "</s:Envelope>"

#define CREATED                                                                                    \
    "<s:Body><x:ResourceCreated><a:Address>http://127.0.0.1:5985/wsman</"                          \
    "a:Address><a:ReferenceParameters>"                                                            \
    "<w:ResourceURI>" NS_SHELL                                                                     \
    "/cmd</w:ResourceURI><w:SelectorSet><w:Selector Name=\"ShellId\">%s</w:Selector>"              \
    "</w:SelectorSet></a:ReferenceParameters></x:ResourceCreated><rsp:Shell><rsp:ShellId>%s</"     \
    "rsp:ShellId>"                                                                                 \
    "<rsp:ResourceUri>" NS_SHELL "/cmd</rsp:ResourceUri><rsp:Owner>bench</rsp:Owner>"              \
    "<rsp:ClientIP>127.0.0.1</rsp:ClientIP><rsp:IdleTimeOut>PT7200.000S</rsp:IdleTimeOut>"         \
    "<rsp:InputStreams>stdin</rsp:InputStreams><rsp:OutputStreams>stdout "                         \
    "stderr</rsp:OutputStreams>"                                                                   \
    "<rsp:ShellRunTime>P0DT0H0M0S</rsp:ShellRunTime><rsp:ShellInactivity>P0DT0H0M0S</"             \
    "rsp:ShellInactivity>"                                                                         \
    "</rsp:Shell></s:Body>"
#define STARTED                                                                                    \
    "<s:Body><rsp:CommandResponse><rsp:CommandId>%s</rsp:CommandId></rsp:CommandResponse></"       \
    "s:Body>"
#define OUTPUT "<s:Body><rsp:ReceiveResponse><rsp:Stream Name=\"stdout\" CommandId=\"%s\">"
#define RUNNING                                                                                    \
    "</rsp:Stream><rsp:CommandState CommandId=\"%s\" State=\"" NS_SHELL "/CommandState/Running\">" \
    "</rsp:CommandState></rsp:ReceiveResponse></s:Body>"
#define DONE                                                                                       \
    "</rsp:Stream><rsp:Stream Name=\"stdout\" CommandId=\"%s\" End=\"true\"></rsp:Stream>"         \
    "<rsp:Stream Name=\"stderr\" CommandId=\"%s\" End=\"true\"></rsp:Stream>"                      \
    "<rsp:CommandState CommandId=\"%s\" State=\"" NS_SHELL                                         \
    "/CommandState/Done\"><rsp:ExitCode>0</rsp:ExitCode>"                                          \
    "</rsp:CommandState></rsp:ReceiveResponse></s:Body>"
#define SIGNALLED "<s:Body><rsp:SignalResponse></rsp:SignalResponse></s:Body>"
#define DELETED   "<s:Body></s:Body>"

#define HEAD                                                                                       \
    "HTTP/1.1 %s\r\nContent-Type: %s\r\nServer: Microsoft-HTTPAPI/2.0\r\nContent-Length: "         \
    "%zu\r\n\r\n"

#endif
