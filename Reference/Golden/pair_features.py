"""Expected values of PairFeaturesTests and PairFeaturesDefinitionsTests: the definitions of the features in numpy and scipy, in double precision.

Made with numpy 2.4.6 and scipy 1.17.1: python3 pair_features.py
"""
import numpy as np
from scipy import stats
n,d=40,4
r,c=np.meshgrid(np.arange(n),np.arange(d),indexing='ij')
u=np.sin(12.9898*r+78.233*c+1)*1000; u=u-np.floor(u)
X=u.copy(); X[:,1]=X[:,0]**2+0.3*X[:,1]; X[:,2]=X[:,1]-0.5*X[:,2]; X=np.float32(X).astype(float)
M=np.zeros((n,d)); 
for k in range(24,40): M[k,k%4]=1; X[k,k%4]=np.float32(2+0.1*(k-24))
Z=(X-X.mean(0))/X.std(0)
def rho(A,i,j): return np.corrcoef(A[:,i],A[:,j])[0,1]
H=stats.norm.ppf(np.apply_along_axis(stats.rankdata,0,X)/(n+1)); H=H/np.sqrt((H**2).mean(0))
def prec(A):
    C=np.corrcoef(A.T); l=0.01+0.5*d/(len(A)+d); return np.linalg.inv((1-l)*C+l*np.eye(d))
def part(K,i,j): return -K[i,j]/np.sqrt(K[i,i]*K[j,j])
def comp(x): return np.sign(x)*np.log1p(abs(x))
i,j=0,1
oj=M[:,j]==0
W=np.zeros_like(X)
for g in range(d):
    o=M[:,g]==0; W[o,g]=(X[o,g]-X[o,g].mean())/X[o,g].std()
both=(M[:,i]==0)&(M[:,j]==0)
E=lambda v: v.sum()/both.sum()
T=lambda x: np.clip(x*(27+x*x)/(27+9*x*x),-1,1)
def ent(u):
    u=u[both]; return -36/(8*np.sqrt(3)-9)*np.mean(u*np.exp(-u*u/2))**2-1/(2-6/np.pi)*(np.mean(abs(u))-np.sqrt(2/np.pi))**2
def entg(g):
    u=W[M[:,g]==0,g]; return -36/(8*np.sqrt(3)-9)*np.mean(u*np.exp(-u*u/2))**2-1/(2-6/np.pi)*(np.mean(abs(u))-np.sqrt(2/np.pi))**2
R=E(W[:,i]*W[:,j]); s=np.sqrt(1-R*R)
h2=(H**2-1)/np.sqrt(2); h3=(H**3-3*H)/np.sqrt(6)
cov=lambda a,b:(a*b).mean()-a.mean()*b.mean()
f=(H[:,j]*H[:,i]).mean()*H[:,i]+(H[:,j]*h2[:,i]).mean()*h2[:,i]+(H[:,j]*h3[:,i]).mean()*h3[:,i]
q=(H[:,j]-f)**2
dep=np.sqrt(((q*H[:,i]).mean()**2+(q*h2[:,i]).mean()**2)/q.var())
obs=M.sum(1)==0; do=M[:,i]==1
sh=(X[do,j].mean()-X[obs,j].mean())/X[obs,j].std()
K=prec(Z); Kr=prec(H); Kj=prec(X[oj]); Krj=prec(H[oj])
out=dict(correlation=rho(X,i,j),rankCorrelation=rho(H,i,j),partialCorrelation=part(K,i,j),rankPartialCorrelation=part(Kr,i,j),
childCorrelation=rho(X[oj],i,j),childRankCorrelation=rho(H[oj],i,j),childPartialCorrelation=part(Kj,i,j),childRankPartialCorrelation=part(Krj,i,j),childCoefficient=-Kj[i,j]/Kj[j,j],
squareMoment=comp(E(W[:,i]**2*W[:,j])),cubeMoment=comp(E(W[:,i]**3*W[:,j])),squaresMoment=comp(E(W[:,i]**2*W[:,j]**2)-1),
likelihoodRatio=R*(E(W[:,i]*T(W[:,j]))-E(T(W[:,i])*W[:,j])),
entropyDifference=10*(entg(j)+ent((W[:,i]-R*W[:,j])/s)-entg(i)-ent((W[:,j]-R*W[:,i])/s)),
quadraticFit=cov(h2[oj,i],H[oj,j]),cubicFit=cov(h3[oj,i],H[oj,j]),residualDependence=dep,
shift=sh,shiftInStandardErrors=comp(sh/np.sqrt(1/do.sum()+1/obs.sum())),varianceShift=np.log(X[do,j].var()/X[obs,j].var()+1e-3),
slopeWithin=cov(Z[do,i],Z[do,j])/Z[do,i].var(),correlationWithin=rho(X[do],i,j),
sourceIntervened=np.log1p(4)/5,targetIntervened=np.log1p(4)/5,cells=np.log1p(40)/10,intervenedShare=.4)
for k,v in out.items(): print(f"        (.{k}, {v:.6f}),")
g=1; Kg=Kj
print("diag",dict(varianceExplained=1-1/Kg[1,1],skewness=comp((W[oj,1]**3).mean()),excessKurtosis=comp((W[oj,1]**4).mean()-3)))

# Searches: the best of all 543 acyclic graphs of four genes; the greedy search has to end in it.
import itertools
predict=1-1/np.diag(K)
def acyclic(A):
    return not np.any(np.diag(sum(np.linalg.matrix_power(A,k) for k in range(1,d+1))))
pairs=[(a,b) for a in range(d) for b in range(d) if a!=b]
graphs=[]
for choice in itertools.product([0,1,2],repeat=6):
    A=np.zeros((d,d),int)
    for (a,b),c in zip(itertools.combinations(range(d),2),choice):
        if c==1: A[a,b]=1
        if c==2: A[b,a]=1
    if acyclic(A): graphs.append(A)
assert len(graphs)==543
def regression(columns,g,parents):
    """Residuals of column 0 of g over all cells, from a regression on all columns of the parents over g's own cells."""
    own=M[:,g]==0; y=columns[0][:,g]; P=np.stack([c[:,p] for p in parents for c in columns],1) if parents else np.zeros((n,0))
    b=np.linalg.lstsq(P[own]-P[own].mean(0),y[own]-y[own].mean(),rcond=None)[0]
    return y-P@b,own
def local(columns,g,parents,cache={}):
    key=(len(columns),g,tuple(parents))
    if key not in cache:
        r,own=regression(columns,g,parents); m=own.sum()
        cache[key]=-m/2*np.log(r[own].var())-len(columns)*len(parents)/2*np.log(m)+sum(.01*(predict[g]-predict[p]) for p in parents)
    return cache[key]
def score(columns,A): return sum(local(columns,g,list(np.flatnonzero(A[:,g]))) for g in range(d))
def best(columns): return max(graphs,key=lambda A:score(columns,A))
def worth(columns,A,i,j):
    B=A.copy(); B[i,j]=1-B[i,j]
    return (score(columns,A)-score(columns,B))*(1 if A[i,j] else -1)
more={}
linear=[Z]; curved=[H,h2,h3]; L=best(linear); N=best(curved)
print("linear",np.argwhere(L).tolist(),"nonlinear",np.argwhere(N).tolist())
more.update(linearSearch=L[i,j],linearSearchReverse=L[j,i],linearGain=comp(worth(linear,L,i,j)),linearGainReverse=comp(worth(linear,L,j,i)),
nonlinearSearch=N[i,j],nonlinearSearchReverse=N[j,i],nonlinearGain=comp(worth(curved,N,i,j)),nonlinearGainReverse=comp(worth(curved,N,j,i)))
# Regressions in an order.
def ordered(order,a,b):
    """Coefficient and t of a where b is regressed on those before it, over the own cells of b."""
    before=list(order[:order.index(b)])
    if a not in before: return 0.,0.
    own=M[:,b]==0; C=np.corrcoef(X[own].T); S=np.linalg.inv(C[np.ix_(before,before)]+1e-3*np.eye(len(before)))
    c=C[before,b]; beta=S@c; noise=max(1-c@S@c,1e-4)/(own.sum()-len(before)-1); k=before.index(a)
    return beta[k],comp(beta[k]/np.sqrt(noise*S[k,k]))
byShare=sorted(range(d),key=lambda g:predict[g])
def direct():
    left=list(range(d)); Y=Z.copy(); order=[]
    while len(left)>1:
        Y=(Y-Y.mean(0))/Y.std(0); G=T(Y); C=Y.T@Y/n; Q=Y.T@G/n
        R_=C*(Q-Q.T); np.fill_diagonal(R_,0); f=int(np.argmin((np.minimum(0,R_)**2).sum(1)))
        Y=Y-np.outer(Y[:,f],C[f]); order.append(left.pop(f)); Y=np.delete(Y,f,1)
    return order+left
nonGaussian=direct(); print("orders",byShare,nonGaussian)
for name,order in (("sorted",byShare),("ordered",nonGaussian)):
    more[name+"Coefficient"],more[name+"Statistic"]=ordered(order,i,j)
    more[name+"CoefficientReverse"],more[name+"StatisticReverse"]=ordered(order,j,i)
more["orderDistance"]=(nonGaussian.index(j)-nonGaussian.index(i))/d
# Components.
w,V=np.linalg.eigh(H.T@H/n); C=H.T@H/n-w[-1]*np.outer(V[:,-1],V[:,-1])
more["withoutFirstComponent"]=C[i,j]/np.sqrt(C[i,i]*C[j,j])
# Classes.
classes=np.digitize(H,stats.norm.ppf(np.arange(1,8)/8))
def shares(values,a,b):
    own=M[:,b]==0; groups=[values[own&(classes[:,a]==k),b] for k in range(8)]; groups=[g for g in groups if len(g)>=3]
    every=np.concatenate(groups); m=len(every); chance=(len(groups)-1)/m
    between=sum(len(g)*g.mean()**2 for g in groups)/m-every.mean()**2
    logs=np.log([g.var()/every.var()+.01 for g in groups]); weights=[len(g)/m for g in groups]
    mean=np.average(logs,weights=weights)
    return (between/every.var()-chance)/(1-chance),np.sqrt(np.average((logs-mean)**2,weights=weights))
more["classShare"],more["classSpread"]=shares(W,i,j)
rest=np.zeros_like(X); fitted=np.zeros(d)
for g in range(d):
    r,own=regression(curved,g,list(np.flatnonzero(N[:,g])))
    rest[own,g]=(r[own]-r[own].mean())/r[own].std(); fitted[g]=1-r[own].var()*own.sum()/(H[own,g]**2).sum()
more["remainderShare"],more["remainderSpread"]=shares(rest,i,j)
more["remainderShareReverse"],more["remainderSpreadReverse"]=shares(rest,j,i)
more["sourceFitted"],more["targetFitted"]=fitted[i],fitted[j]
def interaction(a,b): return max([abs((rest[:,b]*H[:,p]*H[:,a]).mean()) for p in np.flatnonzero(N[:,b])],default=0)
# Shifts.
def errors(values,a,b):
    do=M[:,a]==1; s_=(values[do,b].mean()-values[obs,b].mean())/values[obs,b].std()
    return s_,comp(s_/np.sqrt(1/do.sum()+1/obs.sum()))
more["rankShift"],more["rankShiftInStandardErrors"]=errors(H,i,j)
more["residualShift"]=errors(Z@(K/np.diag(K)),i,j)[1]
more["sourceExplained"],more["targetExplained"]=predict[i],predict[j]
counts=np.expm1(X)
for side,g in (("source",i),("target",j)):
    more[side+"Level"]=X[:,g].mean()/3; more[side+"Dispersion"]=np.log(counts[:,g].var()/counts[:,g].mean())/3
print("interaction of (1, 3)",interaction(1,3),"of (0, 2)",interaction(0,2),"of (3, 1)",interaction(3,1))
for k,v in more.items(): print(f"        (.{k}, {v:.6f}),")
