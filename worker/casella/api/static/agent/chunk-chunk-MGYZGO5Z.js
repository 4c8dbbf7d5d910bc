import{o as n}from"./chunk-chunk-EFZBNNNA.js";var s=(l,r,t)=>new Intl.PluralRules(n.value).select(l)==="one"?r:t,o=(l,r)=>l[r]??r.replaceAll("_"," ");export{s as a,o as b};
