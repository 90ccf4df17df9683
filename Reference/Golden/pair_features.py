"""Expected values of PairFeaturesTests: the definitions of the features in numpy and scipy, in double precision.

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
