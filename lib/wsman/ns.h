/* Namespaces (MS-WSMV 2.2.1), and the address of whoever asks (WS-Addressing 2.1). */
#ifndef WSC_WSMAN_NS_H
#define WSC_WSMAN_NS_H

#define WSC__NS_SOAP        "http://www.w3.org/2003/05/soap-envelope"
#define WSC__NS_ADDRESSING  "http://schemas.xmlsoap.org/ws/2004/08/addressing"
#define WSC__NS_TRANSFER    "http://schemas.xmlsoap.org/ws/2004/09/transfer"
#define WSC__NS_ENUMERATION "http://schemas.xmlsoap.org/ws/2004/09/enumeration"
#define WSC__NS_EVENTING    "http://schemas.xmlsoap.org/ws/2004/08/eventing"
#define WSC__NS_WSMAN       "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
#define WSC__NS_BINDING     "http://schemas.dmtf.org/wbem/wsman/1/cimbinding.xsd"
#define WSC__NS_CIM         "http://schemas.dmtf.org/wbem/wscim/1/common"
#define WSC__NS_WSMV        "http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd"
#define WSC__NS_SHELL       "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
#define WSC__NS_CONFIG      "http://schemas.microsoft.com/wbem/wsman/1/config"
#define WSC__NS_FAULT       "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault"

#define WSC__ANONYMOUS WSC__NS_ADDRESSING "/role/anonymous"

#endif
